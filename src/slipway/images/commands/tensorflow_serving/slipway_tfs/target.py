"""Which model, version and method of it a request is for, by its custom attributes. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

HEADER = "x-amzn-sagemaker-custom-attributes"
ATTRIBUTE = re.compile(r"(tfs-[a-z\-]+)=([^,\s]+)")


@dataclass(frozen=True)
class Target:
    """What a request names; None is what it does not name."""

    model: str | None
    version: str | None
    method: str | None

    def path(self, default: str) -> str:
        """Return the path of TensorFlow Serving's REST API; `default` is the model without a name."""
        version = f"/versions/{self.version}" if self.version else ""
        return f"/v1/models/{self.model or default}{version}:{self.method or 'predict'}"


def read(headers: Mapping[str, str]) -> Target:
    """Return what the custom attributes `tfs-model-name`, `-version` and `tfs-method` name."""
    found = dict(ATTRIBUTE.findall(headers.get(HEADER, "")))
    return Target(
        found.get("tfs-model-name"), found.get("tfs-model-version"), found.get("tfs-method")
    )

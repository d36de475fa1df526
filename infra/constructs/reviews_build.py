"""Build the reviews pipeline without AWS: `python -m infra.constructs.reviews_build < REQUEST`.

A process of its own, because the SageMaker SDK takes seconds to import, wants a region to do so, and
would look for credentials. It calls nobody: a request that it tried to send would be an error.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]


def build(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition, and the folders of the files that its jobs need.

    Args:
        request: Of the region, the values of `build` of pipelines/reviews_training.py; what only
            the deployment knows is a placeholder of the right form.
    """
    import boto3
    import reviews_training
    from reviews_steps.security import Roles, Security
    from reviews_steps.sources import Collected, staged
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    class OfflineSession(PipelineSession):
        """A session that takes its bucket's word for being there."""

        def default_bucket(self) -> str:
            """Return the bucket that files are put into at deployment."""
            return str(request["bucket"])

    aws = boto3.Session("nobody", "nobody", region_name=request["region"])
    aws.events.register("before-send", refuse)
    store = Collected()
    pipeline = reviews_training.build(
        OfflineSession(boto_session=aws),
        Roles(**request["roles"]),
        request["bucket"],
        security=Security(**request["security"]),
        store=store,
        input_data=request["input_data"],
        features=request["features"],
        group=request["group"],
    )
    definition = pipeline.definition()  # the SDK puts files of its own only now
    weights = f"{reviews_training.PIPELINE}/weights/"
    parts: dict[str, dict[str, bytes]] = {"weights": {}, "code": {}}
    for key, content in store.files.items():
        parts["weights" if key.startswith(weights) else "code"][key] = content
    folders = {name: str(staged(files)) for name, files in parts.items()}
    return {"definition": definition, "folders": folders}


def refuse(request: Any, **_: Any) -> NoReturn:
    """Refuse to send anything."""
    raise RuntimeError(f"a pipeline is built without AWS, but wanted to call {request.url}")


def main() -> None:
    """Read a request, and write what was built; all that the SDK says goes to stderr."""
    request = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr
    logging.disable(logging.WARNING)
    sys.path.insert(0, str(ROOT / "pipelines"))
    os.environ["AWS_DEFAULT_REGION"] = request["region"]
    # It would ask IAM about roles that do not exist yet.
    os.environ["SAGEMAKER_VALIDATE_ROLE"] = "false"
    json.dump(build(request), answer)


if __name__ == "__main__":
    main()

"""What `slipway load` sends: a file, or the sample payload of the model package that is served."""

from pathlib import Path
from typing import Any

from slipway.cli.errors import Refused
from slipway.cli.load_generator import Payload
from slipway.cli.output import note

TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".jsonlines": "application/jsonlines",
    ".txt": "text/plain",
}
LARGEST = 64 * 1024 * 1024  # bytes of a sample that are unpacked


def from_file(path: Path, content_type: str | None) -> list[Payload]:
    """Return the payload in a file; its type from its name where none is given."""
    if not path.is_file():
        raise Refused(f"--file: expected a file, found none at {path}")
    kind = content_type or TYPES.get(path.suffix.lower())
    if kind is None:
        raise Refused(
            f"--file: {path.name} does not tell its type; give --content-type, e.g. text/csv"
        )
    return [Payload(path.read_bytes(), kind)]


def from_package(api: Any, s3: Any, config: str, content_type: str | None) -> list[Payload]:
    """Return the sample payloads of the package that an endpoint configuration serves.

    SamplePayloadUrl names a tar.gz of one or more files; each is a payload.
    """
    package = served_package(api, config)
    url = package.get("SamplePayloadUrl", "") if package else ""
    if package is None or not url:
        raise Refused(
            f"expected --file: the model in {config} comes from no package with a sample payload"
        )
    types = package.get("InferenceSpecification", {}).get("SupportedContentTypes", [])
    bucket, _, key = url.removeprefix("s3://").partition("/")
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    found = [
        Payload(content, content_type or kind_of(name, types))
        for name, content in unpacked(url, body)
    ]
    if not found:
        raise Refused(f"expected a file in {url}, found none; give --file")
    note(f"sending {len(found)} sample{'s' if len(found) > 1 else ''} from {url}")
    return found


def served_package(api: Any, config: str) -> dict[str, Any] | None:
    """Return the first model package that an endpoint configuration serves, if any."""
    for variant in api.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]:
        if "ModelName" not in variant:
            continue
        model = api.describe_model(ModelName=variant["ModelName"])
        for container in [model.get("PrimaryContainer", {}), *model.get("Containers", [])]:
            if name := container.get("ModelPackageName"):
                package: dict[str, Any] = api.describe_model_package(ModelPackageName=name)
                return package
    return None


def unpacked(url: str, body: bytes) -> list[tuple[str, bytes]]:
    """Return (name, content) of each file in a sample; nothing is written to disk."""
    import io
    import tarfile  # costs every command some time when it is loaded for all

    found, left = [], LARGEST
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:*") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is None:
                    continue
                content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise Refused(f"{url} holds more than {LARGEST >> 20} MiB; give --file")
                found.append((member.name, content))
    except tarfile.TarError as error:
        raise Refused(f"expected a tar.gz at {url}, found {error}; give --file") from error
    return found


def kind_of(name: str, types: list[str]) -> str:
    """Return the content type of a sample: what its name says, else the first that is supported."""
    kind = TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    return kind if kind in types or not types else types[0]

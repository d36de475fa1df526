"""A transform job as plain data: what a CreateTransformJob request comes down to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.hosting.transform import data
from slipway.hosting.transform.data import Processing, Stamp
from slipway.hosting.transform.payloads import UNLIMITED, Cut, Split
from slipway.jobs.job import Input

TIMEOUT, RETRIES = 600, 3  # of ModelClientConfig
CONCURRENT, STRATEGY, PAYLOAD = 1, "MULTI_RECORD", 6  # where neither job nor container says
MOST = 100  # MB that all requests in work may hold
STRATEGIES = {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}


@dataclass(frozen=True)
class Limits:
    """How much of a file a request holds, and how many requests are in work at once."""

    concurrent: int
    payload: int  # MB; 0: no limit
    strategy: str  # "MULTI_RECORD" or "SINGLE_RECORD"

    @property
    def single(self) -> bool:
        """Whether a request holds one record."""
        return self.strategy == "SINGLE_RECORD"


@dataclass(frozen=True)
class Transform:
    """Everything that is needed to transform the files of one job."""

    name: str
    source: Input
    output: str  # S3 URI without a slash at its end
    headers: Mapping[str, str]  # of every request
    split: Split
    by_line: bool  # a newline after each answer
    asked: Mapping[str, Any]  # what the request says of the limits, by the container's names
    processing: Processing | None = None
    timeout: float = TIMEOUT  # seconds for an answer
    retries: int = RETRIES  # of a request that fails
    capture: str = ""  # S3 URI below which the names of inputs and outputs are written

    def limits(self, said: Mapping[str, Any] | None) -> Limits:
        """Return the limits: the job's, else those that the container names, else AWS's.

        `said` is the answer to GET /execution-parameters. ValueError where they are too large, or
        the container's are no limits.
        """
        said = said or {}
        values = {
            name: self.asked.get(name, said.get(name, default))
            for name, default in (
                ("MaxConcurrentTransforms", CONCURRENT),
                ("MaxPayloadInMB", PAYLOAD),
                ("BatchStrategy", STRATEGY),
            )
        }
        concurrent, payload, strategy = values.values()
        if not isinstance(concurrent, int) or not isinstance(payload, int) or payload < 0:
            raise ValueError(f"expected limits as whole numbers, the container says {said}")
        if strategy not in STRATEGIES.values():
            raise ValueError(f"expected a BatchStrategy of AWS's, the container says {strategy!r}")
        concurrent = max(concurrent, CONCURRENT)
        check(concurrent, payload)
        return Limits(concurrent, payload, strategy)

    def cut(self, limits: Limits) -> Cut:
        """Return how files become requests."""
        size = limits.payload << 20 or UNLIMITED
        selects = self.processing is not None and self.processing.selects
        select = self.processing.select if self.processing and selects else None
        return Cut(self.split, limits.single, size, select)


def check(concurrent: int, payload: int) -> None:
    """Refuse limits that are too large together; ValueError, in AWS's terms."""
    if payload > MOST or concurrent * payload > MOST:
        raise ValueError(
            f"MaxConcurrentTransforms * MaxPayloadInMB must not exceed {MOST} MB, found "
            f"{concurrent} * {payload}"
        )


def plan(request: Mapping[str, Any], stamp: Stamp) -> Transform:
    """Return the plan of a CreateTransformJob request; ValueError says what of it cannot be done.

    `stamp` gives the id and time of an inference, where the job wants them.
    """
    source, result = request["TransformInput"], request["TransformOutput"]
    where = source["DataSource"]["S3DataSource"]
    capture = request.get("DataCaptureConfig", {})
    client = request.get("ModelClientConfig", {})
    kinds = {"Content-Type": source.get("ContentType"), "Accept": result.get("Accept")}
    return Transform(
        name=request["TransformJobName"],
        source=Input(
            "TransformInput",
            where["S3Uri"],
            path="",
            manifest=where["S3DataType"] == "ManifestFile",
            gunzip=source.get("CompressionType") == "Gzip",
        ),
        output=result["S3OutputPath"].rstrip("/"),
        headers={name: kind for name, kind in kinds.items() if kind},
        split=source.get("SplitType", "None"),
        by_line=result.get("AssembleWith") == "Line",
        asked=asked(request),
        processing=data.read(request, stamp if capture.get("GenerateInferenceId") else None),
        timeout=client.get("InvocationsTimeoutInSeconds", TIMEOUT),
        retries=client.get("InvocationsMaxRetries", RETRIES),
        capture=capture.get("DestinationS3Uri", "").rstrip("/"),
    )


def asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits of a request by the names of /execution-parameters; ValueError."""
    found: dict[str, Any] = {}
    if concurrent := request.get("MaxConcurrentTransforms"):  # 0 is the container's choice
        found["MaxConcurrentTransforms"] = concurrent
    if "MaxPayloadInMB" in request:
        found["MaxPayloadInMB"] = request["MaxPayloadInMB"]
    if strategy := request.get("BatchStrategy"):
        found["BatchStrategy"] = STRATEGIES[strategy]
    check(concurrent or CONCURRENT, found.get("MaxPayloadInMB", 0))
    return found


def environment(request: Mapping[str, Any]) -> dict[str, str]:
    """Return what a job adds to its model's environment; what it does not set is not there."""
    names = {
        "MaxConcurrentTransforms": "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",
        "MaxPayloadInMB": "SAGEMAKER_MAX_PAYLOAD_IN_MB",
        "BatchStrategy": "SAGEMAKER_BATCH_STRATEGY",
    }
    told = {names[name]: str(value) for name, value in asked(request).items()}
    return {**request.get("Environment", {}), "SAGEMAKER_BATCH": "true", **told}

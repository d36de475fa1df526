"""The endpoint configuration that a deployment makes: as asked, as the package asks, as it is now."""

import time
from dataclasses import dataclass
from typing import Any

from slipway.cli import endpoint_progress
from slipway.cli.deployable import Deployable
from slipway.cli.errors import Refused

VARIANT = "AllTraffic"  # as the SDK names it, which also reads logs by this name
OF_ITSELF = ("EndpointConfigName", "EndpointConfigArn", "CreationTime", "ResponseMetadata")


@dataclass(frozen=True)
class Asked:
    """What a person asks for; None: nothing."""

    instance_type: str | None
    instance_count: int | None
    role: str | None
    capture: str | None  # an S3 URI


@dataclass(frozen=True)
class Wanted:
    """What an endpoint is to be, but for its model's name."""

    variant: str
    config: dict[str, Any]  # of CreateEndpointConfig; its one variant has no ModelName yet
    role: str

    def request(self, name: str, model: str) -> dict[str, Any]:
        """Return the request of CreateEndpointConfig."""
        (variant,) = self.config["ProductionVariants"]
        production = [variant | {"ModelName": model}]
        return self.config | {"EndpointConfigName": name, "ProductionVariants": production}


def wanted(
    api: Any, endpoint: str, now: dict[str, Any] | None, what: Deployable, asked: Asked
) -> Wanted:
    """Return what an endpoint is to be; `now` is its description, where there is one.

    Whatever else the configuration that serves now has, timeouts or data capture, stays.
    """
    config: dict[str, Any] = {}
    count = 0
    if now is not None:
        refuse_state(endpoint, now)
        config, count = serving(api, endpoint, now)
    (before,) = config.get("ProductionVariants", [{}])
    kind = asked.instance_type or what.instance_type or before.get("InstanceType")
    if not kind:
        if not what.supported:
            raise Refused(f"{what.title} names no instance type; give --instance-type")
        kind = what.supported[0]
    role = asked.role or role_of(api, before) if what.package else ""
    if what.package and not role:
        raise Refused(
            "expected --role (or SLIPWAY_ROLE) for the model that is made of the package, found none"
        )
    variant = {"VariantName": VARIANT, "InitialVariantWeight": 1.0} | before
    # Autoscaling may have made more of them than the package asks for: they are needed.
    count = asked.instance_count or max(what.instance_count, count, 1)
    variant |= {"InstanceType": kind, "InitialInstanceCount": count}
    config = config | {"ProductionVariants": [variant]}
    if asked.capture:
        config["DataCaptureConfig"] = capture(asked.capture)
    return Wanted(variant["VariantName"], config, role)


def refuse_state(endpoint: str, now: dict[str, Any]) -> None:
    """Refuse an endpoint that nothing can be released to."""
    if now["EndpointStatus"] in endpoint_progress.GOING_ON:
        raise Refused(f"{endpoint} is {now['EndpointStatus']}; wait until it is InService")
    if now["EndpointStatus"] == "Failed":
        raise Refused(
            f"{endpoint} has Failed: {now.get('FailureReason', 'no reason was given')} Delete it "
            f"with `aws sagemaker delete-endpoint --endpoint-name {endpoint}`, then deploy again"
        )


def serving(api: Any, endpoint: str, now: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Return the configuration that serves now, as a request, and the instances there are to be."""
    found = now.get("ProductionVariants", [])
    if len(found) != 1:
        raise Refused(
            f"{endpoint} has {len(found)} variants; `slipway deploy` releases to endpoints with one. "
            "Make an endpoint configuration with all of them and call UpdateEndpoint"
        )
    config = api.describe_endpoint_config(EndpointConfigName=now["EndpointConfigName"])
    if "ServerlessConfig" in config["ProductionVariants"][0]:
        raise Refused(
            f"{endpoint} is serverless; `slipway deploy` releases to instances. Make an endpoint "
            "configuration with a ServerlessConfig and call UpdateEndpoint"
        )
    kept = {name: value for name, value in config.items() if name not in OF_ITSELF}
    return kept, found[0].get("DesiredInstanceCount", 0)


def role_of(api: Any, variant: dict[str, Any]) -> str:
    """Return the role of the model that a variant serves, or ""."""
    if "ModelName" not in variant:
        return ""
    found: str = api.describe_model(ModelName=variant["ModelName"]).get("ExecutionRoleArn", "")
    return found


def capture(uri: str) -> dict[str, Any]:
    """Return a DataCaptureConfig that takes every request and answer."""
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": uri,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }


def name_for(endpoint: str) -> str:
    """Return a new name for what belongs to an endpoint, 63 characters at most."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    milliseconds = time.time_ns() // 1_000_000 % 1000
    return f"{endpoint[:43].rstrip('-')}-{moment}{milliseconds:03d}"

"""SageMaker's registry and endpoints as the platform's functions see them, in memory."""

import io
import json
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:sagemaker:us-east-1:123456789012:"


def refused(operation: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationException", "Message": message}}, operation)


class FakeSageMaker:
    """Packages, models, configurations and endpoints; whoever `acts` is written down as who changed one."""

    def __init__(self) -> None:
        self.packages: dict[str, dict[str, Any]] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.acts = "slipway-dev-release"
        self.updates = 0  # of endpoints
        self.deployments: list[Any] = []
        self.answer = '{"predicted_label": 5, "score": 0.9}\n'
        self.alarms: dict[str, Any] = {}

    def package(self, version: int) -> str:
        arn = f"{ACCOUNT}model-package/reviews-bert/{version}"
        self.packages[arn] = {
            "ModelPackageArn": arn,
            "ModelPackageVersion": version,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{"ModelDataUrl": f"s3://models/{version}/model.tar.gz"}]
            },
            "CustomerMetadataProperties": {
                "DeployInstanceType": "ml.m5.large",
                "DeployInstanceCount": "2",
            },
        }
        return arn

    def by(self, who: str, arn: str, **changes: Any) -> dict[str, Any]:
        """Change a package as a person; return the event of it."""
        before, self.acts = self.acts, who
        self.update_model_package(ModelPackageArn=arn, **changes)
        self.acts = before
        return {"detail": {"ModelPackageArn": arn}}

    def steps(self, arn: str) -> list[str]:
        found = sorted(self.packages[arn]["CustomerMetadataProperties"].items())
        return [value for key, value in found if key.startswith("Decision-")]

    def settle(self, endpoint: str, status: str = "InService", back: bool = False) -> None:
        """End what an endpoint is doing; `back`: with what it served before."""
        now = self.endpoints[endpoint]
        now["EndpointStatus"] = status
        pending = now.pop("PendingDeploymentSummary", {})
        if back:
            now["FailureReason"] = "Alarm rang."
        else:
            now |= pending

    # the API

    def update_model_package(self, ModelPackageArn: str, **request: Any) -> None:
        package = self.packages[ModelPackageArn]
        gone = request.pop("CustomerMetadataPropertiesToRemove", [])
        new = package["CustomerMetadataProperties"] | request.pop("CustomerMetadataProperties", {})
        package |= request
        package["CustomerMetadataProperties"] = {k: v for k, v in new.items() if k not in gone}
        principal = {"PrincipalId": f"AROAEXAMPLE:{self.acts}"}
        package["LastModifiedBy"] = {"IamIdentity": principal} if self.acts else {}

    def describe_model_package(self, ModelPackageName: str) -> Any:
        return json.loads(json.dumps(self.packages[ModelPackageName]))

    def create_model(self, ModelName: str, Tags: Any, **request: Any) -> None:
        arn = f"{ACCOUNT}model/{ModelName}"
        self.models[ModelName] = request | {"ModelArn": arn, "ModelName": ModelName}
        self.add_tags(arn, Tags)

    def describe_model(self, ModelName: str) -> Any:
        return self._found(self.models, ModelName, "model")

    def create_endpoint_config(self, EndpointConfigName: str, **request: Any) -> None:
        self.configs[EndpointConfigName] = request

    def describe_endpoint_config(self, EndpointConfigName: str) -> Any:
        return self._found(self.configs, EndpointConfigName, "endpoint configuration")

    def create_endpoint(self, EndpointName: str, EndpointConfigName: str, Tags: Any) -> None:
        arn = f"{ACCOUNT}endpoint/{EndpointName}"
        self.endpoints[EndpointName] = {
            "EndpointArn": arn,
            "EndpointConfigName": EndpointConfigName,
            "EndpointStatus": "Creating",
            "ProductionVariants": [{"DesiredInstanceCount": 3}],
        }
        self.add_tags(arn, Tags)

    def update_endpoint(
        self, EndpointName: str, EndpointConfigName: str, DeploymentConfig: Any = None
    ) -> None:
        now = self.endpoints[EndpointName]
        if now["EndpointStatus"] != "InService":
            raise refused("UpdateEndpoint", "Cannot update in-progress endpoint.")
        pending = {"EndpointConfigName": EndpointConfigName}
        now |= {"EndpointStatus": "Updating", "PendingDeploymentSummary": pending}
        now.pop("FailureReason", None)
        self.updates += 1
        self.deployments.append(DeploymentConfig)

    def delete_endpoint(self, EndpointName: str) -> None:
        del self.endpoints[EndpointName]

    def describe_endpoint(self, EndpointName: str) -> Any:
        return dict(self._found(self.endpoints, EndpointName, "endpoint"))

    def _found(self, where: dict[str, Any], name: str, kind: str) -> Any:
        if name not in where:
            raise refused("Describe", f'Could not find {kind} "{name}".')
        return where[name]

    def add_tags(self, ResourceArn: str, Tags: Any) -> None:
        self.tags.setdefault(ResourceArn, {}).update({tag["Key"]: tag["Value"] for tag in Tags})

    def get_paginator(self, operation: str) -> Any:
        return Pages(getattr(self, operation))

    def list_tags(self, ResourceArn: str) -> Any:
        found = self.tags.get(ResourceArn, {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]}

    def invoke_endpoint(self, Body: bytes, **_: Any) -> Any:
        lines = len(Body.decode().splitlines())
        return {"Body": io.BytesIO((self.answer * lines).encode())}

    # S3 and CloudWatch

    def list_objects_v2(self, Bucket: str, Prefix: str, MaxKeys: int) -> Any:
        there = f"{Prefix}.bak" if "gone" in Prefix else Prefix
        return {"Contents": [{"Key": there}]}

    def put_metric_alarm(self, AlarmName: str, **request: Any) -> None:
        self.alarms[AlarmName] = request

    def describe_alarms(self, AlarmNamePrefix: str) -> Any:
        return {
            "MetricAlarms": [
                {"AlarmName": name} for name in self.alarms if name.startswith(AlarmNamePrefix)
            ]
        }

    def delete_alarms(self, AlarmNames: list[str]) -> None:
        for name in AlarmNames:
            del self.alarms[name]


class Pages:
    def __init__(self, operation: Any) -> None:
        self._operation = operation

    def paginate(self, **request: Any) -> Any:
        yield self._operation(**request)

"""The reviews pipeline as a resource: its definition, and its files unpacked where its jobs find them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker

from infra.constructs.function import PlatformFunction
from infra.constructs.policy import Allow
from infra.constructs.stack import PlatformStack
from infra.settings.check import SettingsError
from infra.settings.model import Settings
from infra.stacks.lake import Lake
from infra.stacks.network import Network

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"  # whose images are named where the settings leave the region open
# What only the stacks know, in the form that the SDK checks; replaced in the finished definition.
BUCKET = "slipway-synth-artifacts"
FEATURES = "slipway-synth-features"
INPUT = "s3://slipway-synth-raw/"
GROUP = "slipway-synth-group"
KEY = "arn:aws:kms:us-east-1:000000000000:key/slipway-synth"
ROLES = {
    kind: f"arn:aws:iam::000000000000:role/slipway-synth-{kind}"
    for kind in ("processing", "training", "serving")
}
SUBNET = "subnet-00000000000000000"
SECURITY_GROUP = "sg-00000000000000000"
TAG = "slipway-synth-tag"


@dataclass(frozen=True)
class Values:
    """What takes the place of the placeholders."""

    bucket: str
    features: str
    input_data: str
    group: str
    key: str
    roles: Mapping[str, str]
    subnets: Sequence[str]
    security_group: str
    tags: Mapping[str, str]
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)  # their defaults

    def texts(self) -> dict[str, str]:
        """Return the text for each placeholder; those that stand for several take their place in a list."""
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return {
            json.dumps(SUBNET): ", ".join(json.dumps(subnet) for subnet in self.subnets),
            json.dumps({"Key": TAG, "Value": TAG}): json.dumps(tags)[1:-1],
            BUCKET: self.bucket,
            FEATURES: self.features,
            INPUT: self.input_data,
            GROUP: self.group,
            KEY: self.key,
            SECURITY_GROUP: self.security_group,
            **{placeholder: self.roles[kind] for kind, placeholder in ROLES.items()},
        }


@dataclass(frozen=True)
class Built:
    """A pipeline as it was built: with placeholders, and folders of files by their keys in the bucket."""

    definition: str
    folders: Mapping[str, str] = field(default_factory=dict)  # "code", "weights" → path

    def with_values(self, values: Values) -> str:
        """Return the definition with values in place of all placeholders.

        Raises:
            SettingsError: A default is of a parameter that the pipeline does not have.
        """
        found = with_defaults(self.definition, values.parameters)
        for placeholder, text in values.texts().items():
            found = found.replace(placeholder, text)
        return found


def with_defaults(definition: str, values: Mapping[str, str | int | float]) -> str:
    """Return a definition with other defaults of its parameters; SettingsError for an unknown one."""
    found = json.loads(definition)
    known = {parameter["Name"]: parameter for parameter in found["Parameters"]}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(
                f"`ml.parameters`: expected some of {', '.join(known)}, found {name!r}"
            )
        known[name]["DefaultValue"] = value
    return json.dumps(found)


def region_of(settings: Settings) -> str:
    """Return the region whose images the definition names."""
    return settings.region or REGION


def request_of(region: str) -> str:
    """Return the request of a build, as JSON."""
    security = {
        "subnets": [SUBNET],
        "security_groups": [SECURITY_GROUP],
        "key": KEY,
        "encrypt_traffic": True,
        "tags": {TAG: TAG},
    }
    return json.dumps(
        {
            "region": region,
            "bucket": BUCKET,
            "features": FEATURES,
            "input_data": INPUT,
            "group": GROUP,
            "roles": ROLES,
            "security": security,
        },
        sort_keys=True,
    )


@cache
def begin(region: str) -> subprocess.Popen[str]:
    """Begin a build, to go on while the stacks are made."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "infra.constructs.reviews_build"],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None  # noqa: S101 - it was asked for
    process.stdin.write(request_of(region))
    process.stdin.close()
    process.stdin = None
    return process


@cache
def built(region: str) -> Built:
    """Return what was built; RuntimeError with the build's own words when it failed."""
    process = begin(region)
    said, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"pipelines/reviews_training.py could not be built:\n{errors}")
    answer: dict[str, Any] = json.loads(said)
    return Built(answer["definition"], answer["folders"])


class ReviewsPipeline(sagemaker.CfnPipeline):
    """The pipeline, after its files have been unpacked into the artifacts bucket."""

    def __init__(
        self,
        stack: PlatformStack,
        name: str,
        role: iam.Role,
        values: Values,
        network: Network,
        lake: Lake,
    ) -> None:
        pipeline = built(region_of(stack.settings))
        super().__init__(
            stack,
            "Pipeline",
            pipeline_name=name,
            pipeline_display_name=name,
            pipeline_description="From files of customer reviews to a registered model",
            pipeline_definition={"PipelineDefinitionBody": pipeline.with_values(values)},
            role_arn=role.role_arn,
        )
        sources = {
            part: assets.Asset(
                stack,
                f"{part.title()}Asset",
                path=folder,
                # The folder is named after its content; hashing it again would take a second.
                asset_hash=Path(folder).name,
                asset_hash_type=cdk.AssetHashType.CUSTOM,
            )
            for part, folder in pipeline.folders.items()
        }
        function = unpacking(stack, network, lake, list(sources.values()))
        for part, source in sources.items():
            staged = cdk.CustomResource(
                stack,
                f"{part.title()}Staged",
                service_token=function.function_arn,
                resource_type="Custom::StageFiles",
                properties={
                    "SourceBucket": source.s3_bucket_name,
                    "SourceKey": source.s3_object_key,
                    "BucketName": lake.artifacts.bucket_name,
                    "Prefix": "",
                },
            )
            self.node.add_dependency(staged)


def unpacking(
    stack: PlatformStack, network: Network, lake: Lake, sources: Sequence[assets.Asset]
) -> PlatformFunction:
    """Return the function that unpacks assets into the artifacts bucket."""
    return PlatformFunction(
        stack,
        "stage_files",
        description="Unpacks the code and the weights of jobs",
        network=network,
        key=lake.key,
        timeout=cdk.Duration.minutes(15),
        memory_mb=1024,
        statements=[
            Allow(
                "ReadAssets",
                ["s3:GetObject"],
                sorted({source.bucket.arn_for_objects("*.zip") for source in sources}),
                why="an asset's key is the hash of its content: each change would change the policy",
            ),
            Allow(
                "FindFiles",
                ["s3:ListBucket"],
                [lake.artifacts.bucket_arn],
            ),
            Allow(
                "UnpackFiles",
                ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
                [lake.artifacts.arn_for_objects("reviews-training/*")],
                why="the files of jobs, under the hashes of their content",
            ),
        ],
    )

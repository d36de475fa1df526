"""deploy, endpoints, rollback and load against a real cloud with real model servers.

The commands run in the test's own process: a process of each would take most of the time.
"""

import io
import json
import tarfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import boto3
import pytest

from callers import client
from endpoints import IMAGE, ROLE, Endpoints, variant
from slipway.cli import main

QUICK = ("--alarm-period", "10", "--bake", "1", "--final-bake", "0")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def slipway(*words):
    """Run a command as `slipway` does."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main.app([str(word) for word in words], standalone_mode=False)
        except Exception as error:
            code = main.report(error, verbose=False)
    return Ended(int(code or 0), out.getvalue(), err.getvalue())


class Shop(Endpoints):
    def __init__(self, shell):
        self.environ, self.home = shell.environ, shell.home
        super().__init__(self)

    def client(self, service):
        return client(self.environ, service)

    def package(self, status="Approved", **more):
        """Register a version of the group "rated" and return its number."""
        container = {"Image": IMAGE, "Environment": {"OBEY": "1", "TAG": status}}
        arn = self.sm.create_model_package(
            ModelPackageGroupName="rated",
            ModelApprovalStatus=status,
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
                "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large", "ml.m5.xlarge"],
            },
            **more,
        )["ModelPackageArn"]
        return arn.rpartition("/")[2]


@pytest.fixture(scope="module")
def shop(cloud):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.environ.items():
            patch.setenv(name, value)
        boto3.setup_default_session()
        yield opened(cloud)
    boto3.DEFAULT_SESSION = None


def opened(cloud):
    made = Shop(cloud)
    s3 = made.client("s3")
    s3.create_bucket(Bucket="samples")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in (("a.csv", b"1,2"), ("b.csv", b"3,4")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    s3.put_object(Bucket="samples", Key="sample.tar.gz", Body=packed.getvalue())
    made.sm.create_model_package_group(ModelPackageGroupName="rated")
    made.package(SamplePayloadUrl="s3://samples/sample.tar.gz", Domain="MACHINE_LEARNING")
    made.package(
        CustomerMetadataProperties={"DeployInstanceType": "ml.c5.large", "DeployInstanceCount": "2"}
    )
    made.package("PendingManualApproval")
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/rated/1"
    made.sm.create_model(
        ModelName="packed", Containers=[{"ModelPackageName": arn}], ExecutionRoleArn=ROLE
    )
    made.model("bare")
    made.create("plain", variant("packed", count=2))
    made.create("bare", variant("bare"))
    made.settled("plain")
    made.settled("bare")
    return made


def test_a_package_becomes_an_endpoint_is_released_and_rolled_back(shop):
    capture = ("--capture", "s3://samples/captured")
    created = slipway("deploy", "rated/1", "--to", "shop", "--role", ROLE, *capture)
    assert created.code == 0, created.err
    assert "shop is InService with shop-" in created.out
    first = shop.describe("shop")["EndpointConfigName"]
    (settings,) = shop.sm.describe_endpoint_config(EndpointConfigName=first)["ProductionVariants"]
    assert settings["InstanceType"] == "ml.m5.large"
    assert settings["VariantName"] == "AllTraffic"

    refused = slipway("rollback", "shop")
    assert refused.code == 1
    assert f"shop has served nothing but {first}" in refused.err

    released = slipway("deploy", "rated", "--to", "shop", *QUICK, "--json")  # in the same role
    assert released.code == 0, released.err
    second = released.json["EndpointConfigName"]
    assert second != first
    assert "releasing rated/2 to shop: canary, watched by" in released.err  # 3 is not approved
    assert "Baking for 1 seconds (WaitIntervalInSeconds)" in released.err
    config = shop.sm.describe_endpoint_config(EndpointConfigName=second)
    assert config["DataCaptureConfig"]["DestinationS3Uri"] == "s3://samples/captured"  # as before
    (settings,) = config["ProductionVariants"]
    assert (settings["InstanceType"], settings["InitialInstanceCount"]) == ("ml.c5.large", 2)
    deployment = released.json["LastDeploymentConfig"]
    names = [one["AlarmName"] for one in deployment["AutoRollbackConfiguration"]["Alarms"]]
    made = shop.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert {one["MetricName"] for one in made} == {"Invocation5XXErrors", "ModelLatency"}
    assert {"Name": "EndpointConfigName", "Value": second} in made[0]["Dimensions"]

    back = slipway("rollback", "shop")
    assert back.code == 0, back.err
    assert f"taking shop back from {second} to {first}" in back.err
    assert shop.describe("shop")["EndpointConfigName"] == first
    body = {"Body": b"x", "ContentType": "text/csv"}
    shop.client("sagemaker-runtime").invoke_endpoint(EndpointName="shop", **body)
    again = slipway("rollback", "shop")  # not to the one that was just left
    assert again.code == 1
    assert f"shop has served nothing but {first}" in again.err


def test_endpoints_are_listed_and_shown(shop):
    runtime = shop.client("sagemaker-runtime")
    for _ in range(3):
        runtime.invoke_endpoint(EndpointName="plain", Body=b"x")
    assert slipway("endpoints").out.count("InService") >= 1
    shown = slipway("endpoints", "plain").out
    assert "AllTraffic" in shown
    assert "2 instances" in shown
    found = slipway("endpoints", "plain", "--json").json
    assert found["ProductionVariants"][0]["Lately"]["Invocations"] >= 3
    assert found["ProductionVariants"][0]["Lately"]["ModelLatencyMs"] > 0
    missing = slipway("endpoints", "nowhere")
    assert missing.code == 1
    assert "found none named 'nowhere'" in missing.err


def test_a_release_that_is_rolled_back_ends_with_1_and_the_reason(shop):
    shop.model("dead", FAIL="no weights")
    before = shop.describe("plain")["EndpointConfigName"]
    ended = slipway("deploy", "dead", "--to", "plain", *QUICK, "--strategy", "all-at-once")
    assert ended.code == 1
    assert f"plain is InService with {before}, not plain-" in ended.err
    assert "no weights" in ended.err
    tried = ended.err.partition(", not ")[2].partition(":")[0]
    (settings,) = shop.sm.describe_endpoint_config(EndpointConfigName=tried)["ProductionVariants"]
    assert settings["InitialInstanceCount"] == 2  # as many as there are
    assert "last failure: The primary container" in slipway("endpoints", "plain").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rated/3", "--to", "x"), "rated/3 is PendingManualApproval"),
        (("rated/1", "--to", "x"), "expected --role"),
        (("bare", "--to", "bare", "--alarm", "none"), "there is no alarm named none"),
    ],
)
def test_refusals(shop, words, said):
    ended = slipway("deploy", *words)
    assert ended.code == 1
    assert said in ended.err


def test_load_tells_latency_and_what_follows(shop, tmp_path):
    ended = slipway(
        *("load", "plain", "--rate", "20", "--rate", "40", "--seconds", "0.5", "--need", "500"),
        *("--target", "5000", "--json"),
    )
    assert ended.code == 0, ended.err
    assert "sending 2 samples from s3://samples/sample.tar.gz" in ended.err
    found = ended.json
    assert [step["Requests"] for step in found["Steps"]] == [10, 20]
    assert found["Steps"][0]["Errors"] == {}
    assert found["MaxRps"] == 40
    assert found["InstancesNeeded"] == -(-500 * found["Instances"] // 40)
    assert found["InvocationsPerInstanceTarget"] == 40 / found["Instances"] * 0.5 * 60

    payload = tmp_path / "one.csv"
    payload.write_text("status 400")
    broken = slipway("load", "bare", "--rate", "10", "--seconds", "0.3", "--file", payload)
    assert broken.code == 1
    assert "ModelError 400" in broken.out
    refused = slipway("load", "bare", "--rate", "10")
    assert "expected --file" in refused.err

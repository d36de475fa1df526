"""Inference components on a running cloud: models that share an endpoint's instances."""

import time

import pytest
from botocore.exceptions import ClientError

from endpoints import IMAGE, ROLE, Endpoints, variant

NEEDS = {"NumberOfCpuCoresRequired": 1.0, "MinMemoryRequiredInMb": 1024}


class Components(Endpoints):
    """A client that makes components and waits for them."""

    def host(self, name, count=1, **more):
        """Create an endpoint for components; an ml.m5.large has 2 cores and 8 GiB."""
        settings = {
            "VariantName": "v",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": count,
        }
        self.create(name, settings | more, ExecutionRoleArn=ROLE)
        assert self.settled(name)["EndpointStatus"] == "InService"

    def component(self, name, endpoint, copies=1, needs=NEEDS, **specification):
        self.sm.create_inference_component(
            InferenceComponentName=name,
            EndpointName=endpoint,
            Specification={"ComputeResourceRequirements": needs, **specification},
            RuntimeConfig={"CopyCount": copies},
        )
        return self.ready(name)

    def ready(self, name, seconds=60):
        end = time.monotonic() + seconds
        while True:
            found = self.sm.describe_inference_component(InferenceComponentName=name)
            if found["InferenceComponentStatus"] in ("InService", "Failed"):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.02)

    def copies(self, name, count):
        self.sm.update_inference_component_runtime_config(
            InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": count}
        )
        return self.ready(name)

    def drop(self, name):
        self.sm.delete_inference_component(InferenceComponentName=name)
        while name in self.names():
            time.sleep(0.02)

    def names(self):
        listed = self.sm.list_inference_components()["InferenceComponents"]
        return [each["InferenceComponentName"] for each in listed]


@pytest.fixture(scope="module")
def components(cloud):
    made = Components(cloud)
    made.model("shared-by-parts", TAG="m-")
    return made


@pytest.fixture(scope="module")
def invoke(cloud):
    runtime = cloud.client("sagemaker-runtime")

    def ask(endpoint, component, body=b"x"):
        of = {"EndpointName": endpoint, "InferenceComponentName": component}
        return runtime.invoke_endpoint(**of, Body=body)["Body"].read()

    return ask


def refusal(operation, **request):
    with pytest.raises(ClientError) as error:
        operation(**request)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    return error.value.response["Error"]["Message"]


def test_components_share_an_endpoint_and_each_answers_by_its_name(cloud, components, invoke):
    sm, cloudwatch = components.sm, cloud.client("cloudwatch")
    components.host("shared")
    found = components.component("one", "shared", ModelName="shared-by-parts")
    assert found["InferenceComponentStatus"] == "InService"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 1, "CurrentCopyCount": 1}
    assert found["VariantName"] == "v"
    container = {"Image": IMAGE, "Environment": {"OBEY": "1", "TAG": "two-"}}
    found = components.component("two", "shared", Container=container)
    deployed = found["Specification"]["Container"]["DeployedImage"]
    assert deployed["SpecifiedImage"] == IMAGE
    assert "@sha256:" in deployed["ResolvedImage"]
    assert invoke("shared", "one") == b"m-echo"
    assert invoke("shared", "two") == b"two-echo"
    by_endpoint = sm.list_inference_components(EndpointNameEquals="shared")["InferenceComponents"]
    assert {each["InferenceComponentName"] for each in by_endpoint} == {"one", "two"}
    text = refusal(sm.delete_endpoint, EndpointName="shared")
    assert "one, two; delete them first" in text

    other = container | {"Environment": {"OBEY": "1", "TAG": "new-"}}
    specification = {"Container": other, "ComputeResourceRequirements": NEEDS}
    sm.update_inference_component(InferenceComponentName="two", Specification=specification)
    assert components.ready("two")["InferenceComponentStatus"] == "InService"
    assert invoke("shared", "two") == b"new-echo"
    broken = container | {"ArtifactUrl": "s3://nobody/none.tar.gz"}
    specification = {"Container": broken, "ComputeResourceRequirements": NEEDS}
    sm.update_inference_component(InferenceComponentName="two", Specification=specification)
    found = components.ready("two")
    assert found["InferenceComponentStatus"] == "InService"
    assert "s3://nobody/none.tar.gz" in found["FailureReason"]
    assert found["Specification"]["Container"]["Environment"]["TAG"] == "new-"
    assert invoke("shared", "two") == b"new-echo"

    assert components.copies("one", 0)["RuntimeConfig"]["CurrentCopyCount"] == 0
    with pytest.raises(ClientError, match="has no capacity to process this request"):
        invoke("shared", "one")
    wanted = {"Invocations", "InvocationsPerCopy", "ModelLatency", "NoCapacityInvocationFailures"}
    of_one = [{"Name": "InferenceComponentName", "Value": "one"}]
    end, seen = time.monotonic() + 20, set()
    while not seen >= wanted:
        assert time.monotonic() < end, seen
        time.sleep(0.1)
        listed = cloudwatch.list_metrics(Namespace="AWS/SageMaker", Dimensions=of_one)["Metrics"]
        seen = {each["MetricName"] for each in listed}
    group = "/aws/sagemaker/InferenceComponents/one"
    (stream,) = cloud.client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith("v/i-")
    for name in ("one", "two"):
        components.drop(name)
    sm.delete_endpoint(EndpointName="shared")
    components.gone("shared")


def test_copies_need_room_on_the_instances(components):
    components.host("narrow")
    found = components.component("first", "narrow", copies=2, ModelName="shared-by-parts")
    assert found["RuntimeConfig"]["CurrentCopyCount"] == 2  # both cores of the one instance
    found = components.component("second", "narrow", ModelName="shared-by-parts")
    assert found["InferenceComponentStatus"] == "Failed"
    assert "need 2 instance(s) of the endpoint narrow, which has 1" in found["FailureReason"]
    found = components.copies("first", 3)
    assert found["InferenceComponentStatus"] == "InService"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert "which has 1 at most" in found["FailureReason"]
    large = {"MinMemoryRequiredInMb": 9000}
    found = components.component("large", "narrow", needs=large, ModelName="shared-by-parts")
    assert (
        "needs 0 CPU cores and 9000 MB of memory; an instance has 2 and 8192 MB"
        in (found["FailureReason"])
    )


def test_managed_instances_come_and_go_with_the_copies(cloud, components):
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    components.host("managed", ManagedInstanceScaling=scaling)

    def instances():
        return components.describe("managed")["ProductionVariants"][0]["CurrentInstanceCount"]

    components.component("elastic", "managed", ModelName="shared-by-parts")
    assert instances() == 1
    components.copies("elastic", 3)
    assert instances() == 2
    text = refusal(
        components.sm.update_endpoint_weights_and_capacities,
        EndpointName="managed",
        DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredInstanceCount": 1}],
    )
    assert "must be at least 2" in text
    assert "which has 2 at most" in components.copies("elastic", 5)["FailureReason"]
    components.copies("elastic", 0)
    assert instances() == 0
    scaling = cloud.client("application-autoscaling")
    target = {"ServiceNamespace": "sagemaker", "ResourceId": "inference-component/elastic"}
    target["ScalableDimension"] = "sagemaker:inference-component:DesiredCopyCount"
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    components.drop("elastic")
    del target["ResourceId"]
    assert not scaling.describe_scalable_targets(**target)["ScalableTargets"]


def test_what_is_no_component_is_refused(components):
    sm = components.sm
    components.create("plain", variant("shared-by-parts"))
    components.settled("plain")
    request = {"InferenceComponentName": "x", "EndpointName": "plain"}
    specification = {"ModelName": "shared-by-parts", "ComputeResourceRequirements": NEEDS}
    text = refusal(sm.create_inference_component, **request, Specification=specification)
    assert "hosts no inference components: its variant AllTraffic has a ModelName" in text
    components.host("bare")
    request["EndpointName"] = "bare"
    text = refusal(
        sm.create_inference_component, **request, Specification={"ModelName": "shared-by-parts"}
    )
    assert "ComputeResourceRequirements must be given" in text
    neither = {"ComputeResourceRequirements": NEEDS}
    text = refusal(sm.create_inference_component, **request, Specification=neither)
    assert "exactly one of ModelName and Container" in text
    text = refusal(sm.describe_inference_component, InferenceComponentName="x")
    arn = "arn:aws:sagemaker:us-east-1:123456789012:inference-component/x"
    assert text == f'Could not find inference component "{arn}".'

"""A cloud that is killed takes its endpoints up again: the same counts, weights and answers."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from endpoints import ROLE, Endpoints, add_image, variant
from slipway.images import catalog


@pytest.fixture
def died(own_cloud):
    """Kill the cloud and start it again; return clients of the new one."""

    def restart(meanwhile=lambda: None):
        own_cloud.kill()
        meanwhile()
        own_cloud.port = 0  # the old one may be held by the system for a while
        own_cloud.start()
        return Endpoints(own_cloud), own_cloud.client("sagemaker-runtime")

    return restart


def servers(endpoint):
    """Return the ids of the processes that serve for the cloud at an address."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environ = (path / "environ").read_bytes().split(b"\0")
            served = b"serve" in (path / "cmdline").read_bytes().split(b"\0")
            if served and f"AWS_ENDPOINT_URL={endpoint}".encode() in environ:
                found.append(int(path.name))
    return found


def host(endpoints, model):
    """Create the inference component `part` on an endpoint of its own."""
    variant = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    endpoints.create("host", variant, ExecutionRoleArn=ROLE)
    endpoints.settled("host")
    needs = {"MinMemoryRequiredInMb": 128}
    endpoints.sm.create_inference_component(
        InferenceComponentName="part",
        EndpointName="host",
        Specification={"ModelName": model, "ComputeResourceRequirements": needs},
        RuntimeConfig={"CopyCount": 1},
    )


def part_is(endpoints, status, seconds=30):
    """Wait until the inference component has a status."""
    end = time.monotonic() + seconds
    while True:
        found = endpoints.sm.describe_inference_component(InferenceComponentName="part")
        if found["InferenceComponentStatus"] == status:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.02)


def test_endpoints_answer_again_as_they_were(own_cloud, died):
    before = Endpoints(own_cloud)
    for model in ("a", "b", "slow"):
        before.model(model, TAG=f"{model}-")
    before.create("two", variant("a", "a"), variant("b", "b", count=1))
    before.create("gone", variant("a", "a"))
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 3}
    on_demand = {"VariantName": "a", "ModelName": "a", "ServerlessConfig": serverless}
    before.create("on-demand", on_demand)
    for name in ("two", "gone", "on-demand"):
        assert before.settled(name)["EndpointStatus"] == "InService", before.describe(name)
    wishes = [
        {"VariantName": "a", "DesiredWeight": 0.0},
        {"VariantName": "b", "DesiredInstanceCount": 2},
    ]
    sm = before.sm
    sm.update_endpoint_weights_and_capacities(
        EndpointName="two", DesiredWeightsAndCapacities=wishes
    )
    as_it_was = before.settled("two")
    sm.delete_model(ModelName="b")  # an endpoint needs neither its models nor its configuration
    sm.delete_endpoint_config(EndpointConfigName="two")
    before.create("new", variant("slow", "a"))
    sm.delete_endpoint(EndpointName="gone")

    host(before, "a")
    first = own_cloud.endpoint
    assert servers(first)

    after, runtime = died()
    end = time.monotonic() + 30
    said = {runtime.invoke_endpoint(EndpointName="two", Body=b"x")["Body"].read() for _ in range(5)}
    assert said == {b"b-echo"}
    assert runtime.invoke_endpoint(EndpointName="on-demand", Body=b"x")["Body"].read() == b"a-echo"
    part_is(after, "InService")
    part = {"EndpointName": "host", "InferenceComponentName": "part"}
    assert runtime.invoke_endpoint(**part, Body=b"x")["Body"].read() == b"a-echo"
    assert time.monotonic() < end
    assert after.describe("two") == as_it_was
    assert after.settled("new")["EndpointStatus"] == "InService"
    after.gone("gone")
    assert not servers(first)
    assert len(servers(own_cloud.endpoint)) >= 4
    own_cloud.stop()
    assert not servers(own_cloud.endpoint)


def test_what_cannot_start_again_is_out_of_service_until_it_can(own_cloud, died):
    before, images = Endpoints(own_cloud), catalog.file_of(own_cloud.home)
    add_image(own_cloud.home, "odd:1")
    container = {"Image": "odd:1", "Environment": {"OBEY": "1"}}
    before.sm.create_model(ModelName="odd", PrimaryContainer=container)
    before.create("odd", variant("odd"))
    assert before.settled("odd")["EndpointStatus"] == "InService"
    host(before, "odd")
    part_is(before, "InService")

    after, runtime = died(lambda: catalog.write(images, "odd:1", None))
    assert "no image family" in part_is(after, "Failed")["FailureReason"]
    found = settles(after, "odd", "OutOfService")
    assert "no image family stands for 'odd:1'" in found["FailureReason"]
    with pytest.raises(ClientError, match="OutOfService"):
        runtime.invoke_endpoint(EndpointName="odd", Body=b"x")

    after, runtime = died(lambda: add_image(own_cloud.home, "odd:1"))
    assert "FailureReason" not in settles(after, "odd", "InService")
    assert runtime.invoke_endpoint(EndpointName="odd", Body=b"x")["Body"].read() == b"echo"
    part_is(after, "InService")


def settles(endpoints, name, status, seconds=30):
    """Wait until an endpoint has a status."""
    end = time.monotonic() + seconds
    while True:
        found = endpoints.describe(name)
        if found["EndpointStatus"] == status:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.02)

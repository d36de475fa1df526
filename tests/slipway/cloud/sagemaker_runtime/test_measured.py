"""Which metrics an invocation leaves, and which a look at an endpoint."""

import pytest
from botocore.exceptions import ClientError

from serving import Fleet, Instance, said, served, variant
from slipway.cloud.hosting.traffic import Variant
from slipway.cloud.sagemaker_runtime.samples import Sampler

OF_INSTANCES = "/aws/sagemaker/Endpoints"


def of(live, name="AllTraffic", config=""):
    dimensions = (("EndpointName", live.name), ("VariantName", name))
    return (("EndpointConfigName", config), *dimensions) if config else dimensions


def test_a_good_answer_counts_and_is_no_error(runtime, endpoint, recorded):
    fleet = Fleet(tuple(Instance(lambda _: said(seconds=0.25)) for _ in range(4)))
    live = endpoint(variant(fleet=fleet))
    for _ in range(2):
        runtime.invoke_endpoint(EndpointName=live.name, Body=b"x")
    for dimensions in (of(live), of(live, config="c")):
        assert recorded("Invocations", dimensions) == (2, 2)
        assert recorded("InvocationsPerInstance", dimensions) == (2, 0.5)
        for error in ("4XXErrors", "5XXErrors", "ModelErrors"):
            assert recorded(f"Invocation{error}", dimensions) == (2, 0)
        assert recorded("ModelLatency", dimensions) == (2, 500_000)  # microseconds
        assert recorded("OverheadLatency", dimensions)[0] == 2
        assert recorded("ModelSetupTime", dimensions)[0] == 0


@pytest.mark.parametrize(("status", "errors"), [(404, (1, 0)), (500, (0, 1)), (0, (0, 1))])
def test_an_error_counts_as_the_callers_or_the_models(runtime, endpoint, recorded, status, errors):
    live = endpoint(served(lambda _: said(b"no", status))[0])
    with pytest.raises(ClientError):
        runtime.invoke_endpoint(EndpointName=live.name, Body=b"x")
    found = [recorded(f"Invocation{kind}XXErrors", of(live)) for kind in "45"]
    assert found == [(1, errors[0]), (1, errors[1])]
    assert recorded("InvocationModelErrors", of(live)) == (1, 1)


def test_a_multi_models_own_metrics(runtime, endpoint, recorded):
    said_of_it = {"ModelCacheHit": 0.0, "ModelLoadingTime": 7.0, "LoadedModelCount": 3.0}
    live = endpoint(served(lambda _: said(setup=0.5, metrics=said_of_it))[0])
    runtime.invoke_endpoint(EndpointName=live.name, Body=b"x", TargetModel="m")
    assert recorded("ModelCacheHit", of(live)) == (1, 0)
    assert recorded("ModelLoadingTime", of(live)) == (1, 7)
    assert recorded("ModelSetupTime", of(live)) == (1, 500_000)
    assert recorded("LoadedModelCount", of(live), OF_INSTANCES) == (1, 3)
    assert recorded("LoadedModelCount", of(live)) == (0, 0)


def test_an_inference_component_has_metrics_of_its_own(runtime, endpoint, recorded, sampler):
    live = endpoint(Variant("AllTraffic", 1.0, (), {}))
    live.put("two", Fleet((Instance(), Instance())))
    live.put("none", Fleet(()))
    runtime.invoke_endpoint(EndpointName=live.name, InferenceComponentName="two", Body=b"x")
    with pytest.raises(ClientError, match="Inference Component has no capacity"):
        runtime.invoke_endpoint(EndpointName=live.name, InferenceComponentName="none", Body=b"x")
    sampler.sample()
    two, none = ((("InferenceComponentName", name),) for name in ("two", "none"))
    assert recorded("Invocations", two) == (1, 1)
    assert recorded("InvocationsPerCopy", two) == (1, 0.5)
    assert recorded("InvocationsPerInstance", two)[0] == 0
    assert recorded("ConcurrentRequestsPerCopy", two) == (2, 0)
    assert recorded("NoCapacityInvocationFailures", none) == (1, 1)
    assert recorded("Invocations", of(live))[0] == 0


@pytest.fixture
def sampler(shared):
    made = Sampler(shared.cloud)
    yield made
    made.stop()


def test_a_look_at_an_endpoint(endpoint, recorded, sampler):
    busy = Fleet((Instance(outstanding=2), Instance(outstanding=1)))
    live = endpoint(variant(fleet=busy), shadow=variant("dark"))
    sampler.sample()
    sampler.sample()
    assert recorded("ConcurrentRequestsPerModel", of(live)) == (4, 6)
    assert recorded("ConcurrentRequestsPerModel", of(live, "dark")) == (2, 0)
    assert recorded("CPUUtilization", of(live), OF_INSTANCES) == (2, 300)  # of two, once a minute
    assert recorded("MemoryUtilization", of(live, "dark"), OF_INSTANCES) == (1, 20)
    assert recorded("DiskUtilization", of(live), OF_INSTANCES) == (2, 60)


def test_what_waits_for_an_asynchronous_endpoint(endpoint, recorded, sampler):
    live = endpoint(variant(), AsyncInferenceConfig={"OutputConfig": {}})
    sampler.sample()
    one = (("EndpointName", live.name),)
    for name in ("ApproximateBacklogSize", "ApproximateBacklogSizePerInstance",
                 "ApproximateAgeOfOldestRequest", "HasBacklogWithoutCapacity"):  # fmt: skip
        assert recorded(name, one) == (1, 0), name

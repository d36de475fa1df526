"""What is particular to the types of AWS::SageMaker."""

import dataclasses

import pytest

from resources.machine_learning import CONTAINER, DOMAIN, FEATURES, GROUP, VARIANTS, definition
from resources.making import World
from slipway.cloud.cloudformation import attempts
from slipway.cloud.cloudformation.resource import Failed
from slipway.cloud.cloudformation.resources.sagemaker import defined
from slipway.cloud.cloudformation.types import found


@pytest.fixture(scope="module")
def world(shared):
    return World(shared)


def status(world, endpoint):
    name = endpoint.physical_id.rpartition("/")[2]
    return world.client("sagemaker").describe_endpoint(EndpointName=name)["EndpointStatus"]


def test_an_endpoint_is_in_service_when_it_is_made_and_when_it_is_changed(world):
    kind = found("AWS::SageMaker::Endpoint")
    first, second = (
        world.one("AWS::SageMaker::EndpointConfig", **VARIANTS, EndpointConfigName=name)
        for name in ("first", "second")
    )
    properties = {"EndpointConfigName": first.attributes["EndpointConfigName"]}
    asked = world.asked("AWS::SageMaker::Endpoint", "Endpoint", properties)
    made = kind.create(asked)
    assert status(world, made) == "InService"
    assert made.attributes["EndpointName"].startswith("types-of-resources-Endpoint-".lower()) or (
        made.attributes["EndpointName"].startswith("types-of-resources-Endpoint-")
    )
    changed = dataclasses.replace(asked, properties={"EndpointConfigName": second.physical_id})
    for _ in range(2):  # the second time it serves what is asked for already
        kind.update(changed, made, properties)
        assert status(world, made) == "InService"
    kind.delete(changed, made)
    with pytest.raises(world.client("sagemaker").exceptions.ClientError, match="Could not find"):
        status(world, made)


def test_an_endpoint_that_cannot_start_fails_with_its_reason(world):
    model = world.one("AWS::SageMaker::Model", PrimaryContainer=CONTAINER, ModelName="no-image")
    variants = [VARIANTS["ProductionVariants"][0] | {"ModelName": model.attributes["ModelName"]}]
    config = world.one("AWS::SageMaker::EndpointConfig", ProductionVariants=variants)
    kind = found("AWS::SageMaker::Endpoint")
    properties = {"EndpointName": "never", "EndpointConfigName": config.physical_id}
    asked = world.asked("AWS::SageMaker::Endpoint", "Never", properties)
    with pytest.raises(Failed, match="example:1"):
        kind.create(asked)


def test_an_update_that_the_endpoint_takes_back_fails_and_its_rollback_is_done_already(world):
    kind = found("AWS::SageMaker::Endpoint")
    good = world.one("AWS::SageMaker::EndpointConfig", **VARIANTS, EndpointConfigName="good")
    model = world.one("AWS::SageMaker::Model", PrimaryContainer=CONTAINER, ModelName="no-image")
    variants = [VARIANTS["ProductionVariants"][0] | {"ModelName": model.attributes["ModelName"]}]
    bad = world.one("AWS::SageMaker::EndpointConfig", ProductionVariants=variants)
    before = {"EndpointConfigName": good.attributes["EndpointConfigName"]}
    asked = world.asked("AWS::SageMaker::Endpoint", "TakenBack", before)
    made = kind.create(asked)
    after = {"EndpointConfigName": bad.attributes["EndpointConfigName"]}
    with pytest.raises(Failed, match="example:1"):
        kind.update(dataclasses.replace(asked, properties=after), made, before)
    kind.update(asked, made, after)
    assert status(world, made) == "InService"
    kind.delete(asked, made)


def test_a_domain_of_a_killed_attempt_is_found_and_another_ones_is_not(world):
    kind = found("AWS::SageMaker::Domain")
    asked = world.asked("AWS::SageMaker::Domain", "Killed", DOMAIN | {"DomainName": "killed"})
    attempts.begin(asked)  # and then it was made, and the process was killed
    left = world.client("sagemaker").create_domain(
        DomainName="killed", AuthMode="IAM", DefaultUserSettings={}
    )
    made = kind.create(asked)
    assert made.physical_id == left["DomainId"]
    another = dataclasses.replace(asked, token="another")
    assert kind.create(another).physical_id != left["DomainId"]


def test_features_are_only_added(world):
    kind = found("AWS::SageMaker::FeatureGroup")
    before = GROUP | {"FeatureGroupName": "grows"}
    asked = world.asked("AWS::SageMaker::FeatureGroup", "Grows", before)
    made = kind.create(asked)
    fewer = dataclasses.replace(asked, properties=before | {"FeatureDefinitions": FEATURES[1:]})
    with pytest.raises(Failed, match="can only be added: id"):
        kind.update(fewer, made, before)


def test_a_pipelines_definition_may_lie_in_s3(world):
    location = {"Bucket": "b", "Key": "p.json", "Version": "1"}
    properties = {"PipelineDefinition": {"PipelineDefinitionS3Location": location}}
    asked = world.asked("AWS::SageMaker::Pipeline", "P", properties)
    assert defined(asked) == {
        "PipelineDefinitionS3Location": {"Bucket": "b", "ObjectKey": "p.json", "VersionId": "1"}
    }
    properties = {"PipelineDefinition": {"PipelineDefinitionBody": definition("no")}}
    asked = world.asked("AWS::SageMaker::Pipeline", "P", properties)
    assert defined(asked) == {"PipelineDefinition": definition("no")}


def test_an_inference_component_is_placed_on_an_endpoint(world):
    config = world.one("AWS::SageMaker::EndpointConfig", **VARIANTS, EndpointConfigName="rooms")
    model = world.one("AWS::SageMaker::Model", PrimaryContainer=CONTAINER, ModelName="placed")
    endpoint = world.one("AWS::SageMaker::Endpoint", EndpointConfigName=config.physical_id)
    kind = found("AWS::SageMaker::InferenceComponent")
    properties = {
        "EndpointName": endpoint.attributes["EndpointName"],
        "VariantName": "v",
        "RuntimeConfig": {"CopyCount": 0},
        "Specification": {
            "ModelName": model.attributes["ModelName"],
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128},
        },
    }
    asked = world.asked("AWS::SageMaker::InferenceComponent", "Component", properties)
    made = kind.create(asked)
    assert made.attributes["InferenceComponentStatus"] == "InService"
    kind.delete(asked, made)

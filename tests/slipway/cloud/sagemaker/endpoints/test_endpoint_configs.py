"""Endpoint configurations, as boto3 sees them."""

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
ROLE = "arn:aws:iam::123456789012:role/SageMaker"
VARIANT = {
    "VariantName": "v",
    "ModelName": "m",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
ON_DEMAND = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": SERVERLESS}
OF_COMPONENTS = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CAPTURE = {
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://b/c",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


@pytest.fixture(scope="module")
def sm(shared):
    client = shared.client("sagemaker")
    client.create_model(ModelName="m", PrimaryContainer={"Image": "i"})
    chain = [{"Image": "i"}, {"Image": "j"}]
    client.create_model(ModelName="chain", Containers=chain)
    many = {"Image": "i", "Mode": "MultiModel", "ModelDataUrl": "s3://b/m/"}
    client.create_model(ModelName="many", PrimaryContainer=many)
    return client


def refusal(sm, *variants, **members):
    with pytest.raises(ClientError) as error:
        sm.create_endpoint_config(
            EndpointConfigName="refused", ProductionVariants=variants or [VARIANT], **members
        )
    assert error.value.response["Error"]["Code"] == "ValidationException"
    return error.value.response["Error"]["Message"]


def test_a_config_is_shown_listed_tagged_and_deleted_with_its_events(shared, sm):
    events = []
    shared.cloud.events.subscribe(events.append)
    made = sm.create_endpoint_config(
        EndpointConfigName="My-Config",
        ProductionVariants=[VARIANT],
        DataCaptureConfig=CAPTURE,
        Tags=[{"Key": "team", "Value": "reviews"}],
    )["EndpointConfigArn"]
    assert made == ARN + "endpoint-config/my-config"
    found = sm.describe_endpoint_config(EndpointConfigName="my-config")
    assert found["EndpointConfigName"] == "My-Config"
    assert found["ProductionVariants"] == [VARIANT | {"InitialVariantWeight": 1.0}]
    assert found["DataCaptureConfig"] == CAPTURE
    listed = sm.list_endpoint_configs(NameContains="My")["EndpointConfigs"]
    assert [each["EndpointConfigArn"] for each in listed] == [made]
    assert sm.list_tags(ResourceArn=made)["Tags"] == [{"Key": "team", "Value": "reviews"}]

    with pytest.raises(ClientError, match="Cannot create already existing endpoint configuration"):
        sm.create_endpoint_config(EndpointConfigName="MY-config", ProductionVariants=[VARIANT])
    sm.delete_endpoint_config(EndpointConfigName="My-Config")
    for operation in (sm.describe_endpoint_config, sm.delete_endpoint_config):
        with pytest.raises(ClientError) as error:
            operation(EndpointConfigName="My-Config")
        message = error.value.response["Error"]["Message"]
        assert message == f'Could not find endpoint configuration "{made}".'
    born, gone = (e for e in events if e.detail_type == "SageMaker Endpoint Config State Change")
    assert born.detail == gone.detail
    assert isinstance(born.detail["CreationTime"], int)
    assert born.detail["Tags"] == {"team": "reviews"}
    assert born.detail["KmsKeyId"] is None  # nulls are present


def test_a_model_must_exist(sm):
    assert (
        refusal(sm, VARIANT | {"ModelName": "None"}) == f'Could not find model "{ARN}model/none".'
    )


@pytest.mark.parametrize(
    ("variants", "members", "says"),
    [
        ([VARIANT, VARIANT], {}, "v comes twice"),
        ([VARIANT | {"ServerlessConfig": SERVERLESS}], {}, "InstanceType must not be given"),
        (
            [{"VariantName": "v", "ModelName": "m"}],
            {},
            "InitialInstanceCount and InstanceType must",
        ),
        ([ON_DEMAND | {"ServerlessConfig": SERVERLESS | {"MemorySizeInMB": 1500}}], {}, "multiple"),
        (
            [ON_DEMAND | {"ServerlessConfig": SERVERLESS | {"ProvisionedConcurrency": 6}}],
            {},
            "ProvisionedConcurrency 6 of variant v must not be above its MaxConcurrency 5",
        ),
        ([ON_DEMAND, VARIANT | {"VariantName": "w"}], {}, "one production variant"),
        ([ON_DEMAND], {"DataCaptureConfig": CAPTURE}, "DataCaptureConfig is not supported"),
        ([ON_DEMAND | {"ModelName": "chain"}], {}, "several containers"),
        ([ON_DEMAND | {"ModelName": "many"}], {}, "multi-model"),
        (
            [VARIANT | {"ManagedInstanceScaling": {"Status": "ENABLED"}}],
            {},
            "ManagedInstanceScaling is only supported for inference component endpoints.",
        ),
        ([OF_COMPONENTS], {}, "ExecutionRoleArn must be given"),
        (
            [VARIANT, VARIANT | {"VariantName": "w"}],
            {"ShadowProductionVariants": [VARIANT | {"VariantName": "s"}]},
            "one shadow variant beside one production variant, found 1 beside 2",
        ),
        ([VARIANT], {"DataCaptureConfig": CAPTURE | {"DestinationS3Uri": "https://b/c"}}, "s3://"),
        ([VARIANT | {"RoutingConfig": {"RoutingStrategy": "KV_AWARE"}}], {}, "KV_AWARE"),
    ],
)
def test_what_no_endpoint_could_be_is_refused(sm, variants, members, says):
    assert says in refusal(sm, *variants, **members)


def test_shadows_serverless_and_components_are_configurations_too(sm):
    taken = {
        "shadow": ([VARIANT], {"ShadowProductionVariants": [VARIANT | {"VariantName": "s"}]}),
        "serverless": ([ON_DEMAND], {}),
        "components": ([OF_COMPONENTS], {"ExecutionRoleArn": ROLE}),
    }
    for name, (variants, members) in taken.items():
        sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **members)
        assert sm.describe_endpoint_config(EndpointConfigName=name)["EndpointConfigName"] == name

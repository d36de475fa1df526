"""The life of an endpoint, as boto3 sees it, with a real server behind it."""

import io
import tarfile
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from endpoints import IMAGE, Endpoints, variant

ARN = "arn:aws:sagemaker:us-east-1:123456789012:"


@pytest.fixture(scope="module")
def endpoints(cloud):
    made = Endpoints(cloud)
    made.model("simple")
    return made


def refusal(operation, **request):
    with pytest.raises(ClientError) as error:
        operation(**request)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    return error.value.response["Error"]["Message"]


def test_an_endpoint_is_created_serves_is_reweighed_and_deleted(endpoints):
    sm = endpoints.sm
    two = variant("simple", "a", InitialVariantWeight=3.0), variant("simple", "b")
    endpoints.create("Two", *two)
    arn = ARN + "endpoint/two"
    born = endpoints.describe("two")
    assert born["EndpointName"] == "Two"
    assert born["EndpointArn"] == arn
    assert born["EndpointStatus"] == "Creating"
    assert born["PendingDeploymentSummary"]["EndpointConfigName"] == "Two"
    (status,) = born["ProductionVariants"][0]["VariantStatus"]
    assert status["Status"] == "Creating"
    assert status["StatusMessage"] == "Launching 1 instance(s)."
    in_progress = f'Cannot update in-progress endpoint "{arn}".'
    wish = {"VariantName": "b", "DesiredWeight": 0.0, "DesiredInstanceCount": 2}
    assert refusal(sm.delete_endpoint, EndpointName="Two") == in_progress
    reweigh = {"EndpointName": "Two", "DesiredWeightsAndCapacities": [wish]}
    assert refusal(sm.update_endpoint_weights_and_capacities, **reweigh) == in_progress
    again = f'Cannot create already existing endpoint "{arn}".'
    assert refusal(sm.create_endpoint, EndpointName="TWO", EndpointConfigName="Two") == again

    found = endpoints.settled("Two")
    assert found["EndpointStatus"] == "InService"
    assert "PendingDeploymentSummary" not in found
    a, b = found["ProductionVariants"]
    (image,) = a.pop("DeployedImages")
    assert image["SpecifiedImage"] == IMAGE
    assert image["ResolvedImage"].startswith(IMAGE.removesuffix(":1") + "@sha256:")
    assert isinstance(image["ResolutionTime"], datetime)
    assert a == {
        "VariantName": "a",
        "CurrentWeight": 3.0,
        "DesiredWeight": 3.0,
        "CurrentInstanceCount": 1,
        "DesiredInstanceCount": 1,
    }

    sm.update_endpoint_weights_and_capacities(**reweigh)
    assert endpoints.describe("Two")["EndpointStatus"] in ("Updating", "InService")
    a, b = endpoints.settled("Two")["ProductionVariants"]
    assert (b["CurrentWeight"], b["CurrentInstanceCount"]) == (0.0, 2)
    assert a["CurrentWeight"] == 3.0
    kept = sm.describe_endpoint_config(EndpointConfigName="Two")["ProductionVariants"]
    assert kept[1]["InitialInstanceCount"] == 1  # the configuration is as it was
    absent = [{"VariantName": "c", "DesiredWeight": 1}]
    text = refusal(
        sm.update_endpoint_weights_and_capacities,
        EndpointName="Two",
        DesiredWeightsAndCapacities=absent,
    )
    assert text == f'Endpoint "{arn}" has no variant c; it has a, b.'

    sm.delete_endpoint_config(EndpointConfigName="Two")  # in use: it serves on, under a dead name
    assert endpoints.describe("Two")["EndpointConfigName"] == "Two"
    listed = sm.list_endpoints(NameContains="Two", StatusEquals="InService")["Endpoints"]
    assert [each["EndpointArn"] for each in listed] == [arn]
    sm.delete_endpoint(EndpointName="Two")
    assert endpoints.gone("Two") == f'Could not find endpoint "{arn}".'
    sm.get_waiter("endpoint_deleted").wait(EndpointName="Two")  # it waits for that refusal


def test_a_server_that_does_not_start_fails_the_creation_and_says_why(endpoints):
    endpoints.model("bad", FAIL="no weights")
    endpoints.create("bad", variant("bad"))
    found = endpoints.settled("bad")
    assert found["EndpointStatus"] == "Failed"
    first = (
        "The primary container for production variant AllTraffic did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    assert found["FailureReason"].startswith(first)
    assert "cannot load the model: no weights" in found["FailureReason"]
    assert len(found["FailureReason"]) <= 1024
    text = refusal(
        endpoints.sm.update_endpoint_weights_and_capacities,
        EndpointName="bad",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredWeight": 1}],
    )
    assert "it can only be deleted" in text
    endpoints.sm.delete_endpoint(EndpointName="bad")
    endpoints.gone("bad")


def test_an_image_that_nothing_stands_for_fails_the_creation(endpoints):
    endpoints.sm.create_model(ModelName="who", PrimaryContainer={"Image": "who/knows:1"})
    endpoints.create("who", variant("who"))
    found = endpoints.settled("who")
    assert found["EndpointStatus"] == "Failed"
    assert "no image family stands for 'who/knows:1'" in found["FailureReason"]
    assert "slipway image add" in found["FailureReason"]


def test_an_instance_that_does_not_start_leaves_the_counts_as_they_were(cloud, endpoints):
    s3, runtime = cloud.client("s3"), cloud.client("sagemaker-runtime")
    s3.create_bucket(Bucket="gone")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("weights"))
    s3.put_object(Bucket="gone", Key="model.tar.gz", Body=packed.getvalue())
    container = {"Image": IMAGE, "ModelDataUrl": "s3://gone/model.tar.gz"}
    container["Environment"] = {"OBEY": "1"}
    endpoints.sm.create_model(ModelName="data", PrimaryContainer=container)
    endpoints.create("data", variant("data"))
    assert endpoints.settled("data")["EndpointStatus"] == "InService"
    s3.delete_object(Bucket="gone", Key="model.tar.gz")
    wish = {"VariantName": "AllTraffic", "DesiredInstanceCount": 2}
    request = {"EndpointName": "data", "DesiredWeightsAndCapacities": [wish]}
    endpoints.sm.update_endpoint_weights_and_capacities(**request)
    found = endpoints.settled("data")
    assert found["EndpointStatus"] == "InService"
    assert 'from URL: "s3://gone/model.tar.gz"' in found["FailureReason"]
    (summary,) = found["ProductionVariants"]
    assert (summary["CurrentInstanceCount"], summary["DesiredInstanceCount"]) == (1, 1)
    said = runtime.invoke_endpoint(EndpointName="data", Body=b"files")["Body"].read()
    assert said == b'["weights"]'


def test_a_serverless_variant_has_another_concurrency_and_no_count(cloud, endpoints):
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 2}
    of_variant = {"VariantName": "v", "ModelName": "simple", "ServerlessConfig": serverless}
    endpoints.create("on-call", of_variant)
    (summary,) = endpoints.settled("on-call")["ProductionVariants"]
    assert summary["CurrentServerlessConfig"] == serverless
    assert summary["CurrentInstanceCount"] == 0

    def change(**wish):
        wishes = [{"VariantName": "v"} | wish]
        request = {"EndpointName": "on-call", "DesiredWeightsAndCapacities": wishes}
        endpoints.sm.update_endpoint_weights_and_capacities(**request)
        return endpoints.settled("on-call")

    warm = {"MaxConcurrency": 3, "ProvisionedConcurrency": 1}
    found = change(ServerlessUpdateConfig=warm)
    assert "FailureReason" not in found
    (summary,) = found["ProductionVariants"]
    assert summary["CurrentServerlessConfig"] == serverless | warm
    assert "DesiredServerlessConfig" not in summary
    said = cloud.client("sagemaker-runtime").invoke_endpoint(EndpointName="on-call", Body=b"x")
    assert said["Body"].read() == b"echo"
    with pytest.raises(
        ClientError, match=r"ProvisionedConcurrency 4 .* above its MaxConcurrency 3"
    ):
        change(ServerlessUpdateConfig={"ProvisionedConcurrency": 4})
    with pytest.raises(ClientError, match="is serverless: it has no instance count"):
        change(DesiredInstanceCount=1)


def test_more_instances_than_the_quota_are_refused(endpoints):
    sm = endpoints.sm
    endpoints.config("many", variant("simple", count=1000))
    with pytest.raises(sm.exceptions.ResourceLimitExceeded) as error:
        sm.create_endpoint(EndpointName="many", EndpointConfigName="many")
    assert "is 100 Instances" in str(error.value)
    assert "a request delta of 1000 Instances" in str(error.value)
    endpoints.create("few", variant("simple"))
    endpoints.settled("few")
    wish = {"VariantName": "AllTraffic", "DesiredInstanceCount": 1000}
    request = {"EndpointName": "few", "DesiredWeightsAndCapacities": [wish]}
    with pytest.raises(sm.exceptions.ResourceLimitExceeded, match="delta of 999 Instances"):
        sm.update_endpoint_weights_and_capacities(**request)
    with pytest.raises(sm.exceptions.ResourceLimitExceeded, match="delta of 999 Instances"):
        sm.update_endpoint(EndpointName="few", EndpointConfigName="many")
    assert endpoints.describe("few")["EndpointStatus"] == "InService"


def test_what_is_gone_is_refused(endpoints):
    sm = endpoints.sm
    endpoints.model("short-lived")
    endpoints.config("short-lived", variant("short-lived"))
    sm.delete_model(ModelName="short-lived")
    text = refusal(sm.create_endpoint, EndpointName="e", EndpointConfigName="short-lived")
    assert text == f'Could not find model "{ARN}model/short-lived".'
    text = refusal(sm.create_endpoint, EndpointName="e", EndpointConfigName="none")
    assert text == f'Could not find endpoint configuration "{ARN}endpoint-config/none".'
    assert (
        refusal(sm.delete_endpoint, EndpointName="e")
        == f'Could not find endpoint "{ARN}endpoint/e".'
    )

"""The events of an endpoint's life, one for each status."""

import time

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
HOST = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def test_every_status_of_an_endpoint_is_an_event(shared):
    sm, events = shared.client("sagemaker"), []
    shared.cloud.events.subscribe(events.append)
    # Without a model it needs no server.
    sm.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[HOST], ExecutionRoleArn=ROLE
    )
    sm.create_endpoint(
        EndpointName="E", EndpointConfigName="c", Tags=[{"Key": "team", "Value": "reviews"}]
    )

    def serves():
        return sm.describe_endpoint(EndpointName="E")["EndpointStatus"] == "InService"

    wait_for(serves)
    wish = {"VariantName": "v", "DesiredInstanceCount": 3}
    sm.update_endpoint_weights_and_capacities(EndpointName="E", DesiredWeightsAndCapacities=[wish])
    wait_for(serves)
    sm.delete_endpoint(EndpointName="E")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        wait_for(lambda: not serves() and False)

    of_endpoint = [e for e in events if e.detail_type == "SageMaker Endpoint State Change"]
    statuses = [event.detail["EndpointStatus"] for event in of_endpoint]
    assert statuses == ["CREATING", "IN_SERVICE", "UPDATING", "IN_SERVICE", "DELETING"]
    for event in of_endpoint:
        assert event.resources == ("arn:aws:sagemaker:us-east-1:123456789012:endpoint/e",)
        assert event.detail["Tags"] == {"team": "reviews"}
        assert isinstance(event.detail["LastModifiedTime"], int)
    kind = "SageMaker Endpoint Deployment State Change"
    (scaling,) = (event.detail for event in events if event.detail_type == kind)
    assert "PendingDeploymentSummary" not in scaling
    (variant,) = scaling["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 3)
    (status,) = variant["VariantStatus"]
    assert status["StatusMessage"] == "Scaling out desired instance count to 3."


def wait_for(done):
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)

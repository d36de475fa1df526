"""AWS's own model of SageMaker, as botocore ships it."""

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel


@pytest.fixture(scope="session")
def operation_model():
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
    return model.operation_model

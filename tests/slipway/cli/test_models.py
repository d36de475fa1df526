"""models: the registry with the figures of each package."""

import json

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.19-cpu"
REPORT = {
    "metrics": {"accuracy": {"value": 0.75, "standard_deviation": 0.01}, "mcc": {"value": 0.5}},
    "baselines": {"majority": {"accuracy": {"value": 0.25}}},
}


def test_packages_are_listed_with_status_and_the_figures_of_the_whole_model(slipway, aws):
    s3, sagemaker = aws("s3"), aws("sagemaker")
    s3.create_bucket(Bucket="cli-models")
    s3.put_object(Bucket="cli-models", Key="evaluation.json", Body=json.dumps(REPORT).encode())
    sagemaker.create_model_package_group(ModelPackageGroupName="rated")
    statistics = {"ContentType": "application/json", "S3Uri": "s3://cli-models/evaluation.json"}
    sagemaker.create_model_package(
        ModelPackageGroupName="rated",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://cli-models/model.tar.gz"}],
            "SupportedContentTypes": ["application/jsonlines"],
            "SupportedResponseMIMETypes": ["application/jsonlines"],
        },
        ModelMetrics={"ModelQuality": {"Statistics": statistics}},
    )
    (found,) = slipway("models", "rated", "--json").json
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    assert found["Metrics"] == {"accuracy": 0.75, "mcc": 0.5}
    assert "accuracy 0.75, mcc 0.5" in slipway("models").out

"""From a model's document to what is served."""

from pathlib import Path

from slipway.hosting.container import ModelData
from slipway.hosting.plan import plan
from slipway.jobs.job import Image

MODEL = {
    "ModelName": "m",
    "Primary": True,
    "Containers": [
        {
            "Image": "image:1",
            "ModelDataUrl": "s3://b/model.tar.gz",
            "Environment": {"A": "own", "AWS_REGION": "mine"},
        }
    ],
}
GIVEN = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://localhost:1"}


def planned(model, variant=None, **extras):
    variant = {"VariantName": "AllTraffic"} | (variant or {})
    return plan(model, variant, "i-1", lambda uri: Image(uri, Path("/x")), GIVEN, extras)


def test_a_model_of_one_container():
    server = planned(MODEL, None, A="batch")
    (one,) = server.containers
    assert (server.host, server.variant, one.name, one.uri) == (
        "i-1",
        "AllTraffic",
        "primary",
        "image:1",
    )
    assert one.data == ModelData("s3://b/model.tar.gz")
    assert one.environment == GIVEN | {"AWS_REGION": "mine", "A": "batch"}
    assert (server.startup_timeout, server.download_timeout) == (480, 3600)
    assert not (server.direct or server.isolated or one.models)


def test_what_a_variant_says():
    times = {
        "ContainerStartupHealthCheckTimeoutInSeconds": 60,
        "ModelDataDownloadTimeoutInSeconds": 90,
        "VolumeSizeInGB": 2,
    }
    server = planned(MODEL, times)
    assert (server.startup_timeout, server.download_timeout, server.disk) == (60, 90, 2 << 30)
    assert planned(MODEL, {"ServerlessConfig": {}}).startup_timeout == 180


def test_several_containers_have_names():
    several = [{"Image": "a"}, {"Image": "b", "ContainerHostname": "second"}]
    model = {
        "Containers": several,
        "InferenceExecutionConfig": {"Mode": "Direct"},
        "EnableNetworkIsolation": True,
    }
    server = planned(model)
    assert [each.name for each in server.containers] == ["container-1", "second"]
    assert server.direct and server.isolated and server.containers[0].data is None


def test_artifacts_that_are_not_packed_and_more_of_them():
    def source(kind, packed):
        return {
            "S3DataSource": {"S3Uri": "s3://b/x", "S3DataType": kind, "CompressionType": packed}
        }

    of = {"Image": "a", "ModelDataSource": source("S3Prefix", "None")}
    of["AdditionalModelDataSources"] = [{"ChannelName": "base", **source("S3Object", "Gzip")}]
    (one,) = planned({"Containers": [of]}).containers
    assert one.data == ModelData("s3://b/x", prefix=True, packed=False)
    assert one.channels == {"base": ModelData("s3://b/x")}


def test_a_multi_model_container():
    of = {"Image": "a", "Mode": "MultiModel", "ModelDataUrl": "s3://b/models/"}
    (one,) = planned({"Containers": [of]}).containers
    assert one.models == "s3://b/models/" and one.data is None and one.keeps_models
    assert one.environment["SAGEMAKER_MULTI_MODEL"] == "true"
    caching = {"MultiModelConfig": {"ModelCacheSetting": "Disabled"}}
    assert not planned({"Containers": [of | caching]}).containers[0].keeps_models

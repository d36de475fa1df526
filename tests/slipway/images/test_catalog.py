import json

import pytest

from slipway.images import catalog
from slipway.images.catalog import UnknownImage

ECR = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("uri", "family"),
    [
        (f"{ECR}/sagemaker-scikit-learn:1.2-1-cpu-py3", "sklearn"),
        (f"{ECR}/tensorflow-training:2.19-gpu-py312", "tensorflow"),
        (f"{ECR}/tensorflow-training:2.19.0-cpu-py312-ubuntu22.04-sagemaker", "tensorflow"),
        (f"{ECR}/tensorflow-inference:2.19-cpu", "tensorflow-inference"),
        (f"{ECR}/sagemaker-spark-processing:3.5-cpu-py312-v1.0", "spark"),
        ("python:3.11", "python"),
        ("public.ecr.aws/docker/library/python:3.12-slim", "python"),
        ("python@sha256:0123", "python"),
    ],
)
def test_an_image_is_known_by_its_repository(tmp_path, uri, family):
    assert catalog.read(tmp_path / "images.json").find(uri).family == family


@pytest.mark.parametrize(
    "uri",
    [
        f"{ECR}/tensorflow-training:1.15-cpu-py3",
        f"{ECR}/sagemaker-spark-processing:2.4-cpu-py37",
        f"{ECR}/tensorflow-inference:1.15",
        f"{ECR}/my-python:1",
        "",
    ],
)
def test_others_are_refused_with_what_to_do(tmp_path, uri):
    source = tmp_path / "images.json"
    with pytest.raises(UnknownImage) as refused:
        catalog.read(source).find(uri)
    for word in (repr(uri), "sklearn (sagemaker-scikit-learn)", "spark", str(source)):
        assert word in str(refused.value)


def test_a_user_maps_an_image_with_the_very_line_that_the_refusal_shows(tmp_path):
    source = tmp_path / "images.json"
    uri = f"{ECR}/team/our-trainer:v7"
    with pytest.raises(UnknownImage) as refused:
        catalog.read(source).find(uri)
    line = str(refused.value).partition("write ")[2].partition(" into")[0]
    source.write_text(line.replace("<family>", "tensorflow"))
    assert catalog.read(source).find(uri).family == "tensorflow"


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"*our*": "caffe"})])
def test_a_broken_mapping_is_told(tmp_path, text):
    source = tmp_path / "images.json"
    source.write_text(text)
    with pytest.raises(UnknownImage, match=r"images\.json"):
        catalog.read(source).find(f"{ECR}/our-trainer:1")

"""From a training job's artifact to predictions: registered, approved, deployed, asked."""

import ast
import io
import json
import sys
import tarfile

import pytest
from botocore.exceptions import ClientError

from callers import client
from endpoints import ROLE, variant
from reviews.serving import code_folder

pytestmark = pytest.mark.slow
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.19.0-cpu"
TEXTS = ["great love it", "terrible broken waste", "okay " * 40, "good nice", "übel"]
LINES = "application/jsonlines"


@pytest.fixture(scope="module")
def artifact(image, features, tiny_bert, tmp_path_factory):
    """What a training job leaves in /opt/ml/model."""
    folder = tmp_path_factory.mktemp("trained")
    options = {
        "train": features / "train",
        "validation": features / "validation",
        "weights": tiny_bert,
        "model_output": folder / "model",
        "checkpoints": folder / "checkpoints",
        "epochs": 1,
        "learning_rate": 0.01,
        "train_batch_size": 8,
        "freeze_bert_layer": True,
    }
    words = [str(word) for key, value in options.items() for word in (f"--{key}", value)]
    assert image.call("training.train", words)
    return folder / "model"


@pytest.fixture(scope="module")
def ask(cloud, artifact):
    """Approve and deploy the artifact; return a function that asks the endpoint."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        archive.add(artifact, ".")
    s3, sagemaker = (client(cloud.environ, name) for name in ("s3", "sagemaker"))
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="model.tar.gz", Body=packed.getvalue())
    container = {
        "Image": IMAGE,
        "ModelDataUrl": "s3://models/model.tar.gz",
        "Environment": {"SAGEMAKER_TFS_ENABLE_BATCHING": "true"},
    }
    sagemaker.create_model_package_group(ModelPackageGroupName="reviews")
    package = sagemaker.create_model_package(
        ModelPackageGroupName="reviews",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": [LINES, "text/csv"],
            "SupportedResponseMIMETypes": [LINES, "text/csv"],
        },
        ModelApprovalStatus="PendingManualApproval",
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    sagemaker.create_model(
        ModelName="reviews", Containers=[{"ModelPackageName": package}], ExecutionRoleArn=ROLE
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName="reviews", ProductionVariants=[variant("reviews")]
    )
    sagemaker.create_endpoint(EndpointName="reviews", EndpointConfigName="reviews")
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="reviews", WaiterConfig={"Delay": 1}
    )
    runtime = client(cloud.environ, "sagemaker-runtime")

    def invoke(body, content_type=LINES, accept=LINES):
        answer = runtime.invoke_endpoint(
            EndpointName="reviews", Body=body, ContentType=content_type, Accept=accept
        )
        return answer["ContentType"], answer["Body"].read().decode()

    return invoke


def lines(texts):
    return "".join(json.dumps({"features": [text]}) + "\n" for text in texts).encode()


def test_predictions_are_those_of_the_evaluation(ask, artifact, image):
    expected = image.call("serving.probabilities", artifact, TEXTS)
    kind, body = ask(lines(TEXTS))
    assert kind == LINES
    for line, row in zip(body.splitlines(), expected, strict=True):
        found = json.loads(line)
        assert found["predicted_label"] == row.index(max(row)) + 1
        assert found["score"] == pytest.approx(max(row), abs=1e-5)


def test_a_bad_line_is_answered_in_its_place(ask):
    first, bad, last = ask(lines(TEXTS[:1]) + b"{\n" + lines(TEXTS[1:2]))[1].splitlines()
    assert "expected JSON" in json.loads(bad)["error"]
    alone = ask(lines(TEXTS[:1]))[1], ask(lines(TEXTS[1:2]))[1]
    assert (f"{first}\n", f"{last}\n") == alone
    assert list(json.loads(ask(b"{\n")[1])) == ["error"]


def test_csv_is_answered_with_csv(ask):
    kind, body = ask(b"Gift Card,ok\nok\n", "text/csv", "text/csv")
    first, second = body.splitlines()
    assert kind == "text/csv" and first == second and first.split(",")[0] in "12345"


def test_a_body_that_is_unusable_as_a_whole_is_a_model_error_with_the_reason(ask):
    with pytest.raises(ClientError) as raised:
        ask(b"text", "text/plain")
    assert raised.value.response["OriginalStatusCode"] == 500
    assert json.loads(raised.value.response["OriginalMessage"]) == {
        "error": "expected the content type application/jsonlines or text/csv, found 'text/plain'"
    }


def test_padding_to_another_length_changes_nothing(artifact, image):
    difference, spread = image.call("serving.paddings_differ_by", artifact, 11, 16)
    assert difference < 1e-5 * max(1, spread)


def test_the_shipped_modules_are_what_the_handlers_need_and_no_more(artifact):
    library = artifact / "code" / "lib"
    modules = list(library.rglob("reviews/**/*.py"))
    shipped = {path.relative_to(library / "reviews").as_posix() for path in modules}
    assert shipped == set(code_folder.MODULES)
    allowed = set(sys.stdlib_module_names) | {"reviews", "tokenizers"}
    for path in [artifact / "code" / "inference.py", *modules]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            assert {name.partition(".")[0] for name in names} <= allowed

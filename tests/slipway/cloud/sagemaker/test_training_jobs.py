import pytest


def test_script_mode_trains_and_the_model_is_packed(jobs):
    script = """
import argparse, os, json
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
parser.add_argument("--name")
arguments = parser.parse_args()
data = open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "x.csv")).read()
for epoch in range(arguments.epochs):
    print(f"epoch {epoch} val_loss: {1 / (epoch + 1)} val_accuracy: 0.{epoch}")
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as file:
    json.dump([data, arguments.name, json.loads(os.environ["SM_HPS"])], file)
"""
    jobs.put(data__x_csv="1,2")
    name = jobs.train(
        script,
        hyperparameters={"epochs": "3", "name": '"bert"'},
        InputDataConfig=[jobs.channel("train", jobs.uri("data/"))],
        algorithm={
            "MetricDefinitions": [
                {"Name": "validation:loss", "Regex": "val_loss: ([0-9.]+)"},
                {"Name": "validation:accuracy", "Regex": "val_accuracy: ([0-9.]+)"},
            ]
        },
    )
    described = jobs.wait(name)
    assert described["TrainingJobStatus"] == "Completed", described
    model = f"models/{name}/output/model.tar.gz"
    assert described["ModelArtifacts"]["S3ModelArtifacts"] == jobs.uri(model)
    expected = b'["1,2", "bert", {"epochs": 3, "name": "bert"}]'
    assert jobs.unpack(model) == {"model.json": expected}
    final = {each["MetricName"]: each["Value"] for each in described["FinalMetricDataList"]}
    assert final == pytest.approx({"validation:loss": 1 / 3, "validation:accuracy": 0.2})
    phases = [each["Status"] for each in described["SecondaryStatusTransitions"]]
    assert phases == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert described["TrainingTimeInSeconds"] == described["BillableTimeInSeconds"] > 0

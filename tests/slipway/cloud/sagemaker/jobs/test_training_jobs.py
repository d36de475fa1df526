import pytest

from slipway.images import environment


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


def test_requirements_land_in_the_jobs_own_environment(jobs, wheelhouse):
    script = """
import gauge, pandas, os, sys
with open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "found.txt"), "w") as file:
    file.write(f"{gauge.LENGTH} {gauge.__file__.startswith(sys.prefix)}")
"""
    name = jobs.train(script, files=wheelhouse)
    described = jobs.wait(name)
    assert described["TrainingJobStatus"] == "Completed", described
    assert jobs.unpack(f"models/{name}/output/output.tar.gz") == {"found.txt": b"42 True"}
    assert not list(environment.prefix("sklearn").rglob("gauge*")), "a job has changed its image"


def test_a_requirement_that_cannot_be_had_is_the_reason(jobs):
    name = jobs.train("", files={"requirements.txt": "--no-index\nno-such-package\n"})
    reason = jobs.wait(name)["FailureReason"]
    assert reason.startswith("AlgorithmError: InstallRequirementsError:\nExitCode 1")
    assert "no-such-package" in reason


def test_a_failing_script_is_told_as_the_toolkit_tells_it(jobs):
    script = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
if parser.parse_args().epochs > 2:
    raise ValueError("too many epochs")
"""
    described = jobs.wait(jobs.train(script, hyperparameters={"epochs": "3"}))
    assert described["TrainingJobStatus"] == described["SecondaryStatus"] == "Failed"
    reason = described["FailureReason"]
    assert reason.startswith(
        'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "Traceback'
    )
    assert 'ValueError: too many epochs"\nCommand "' in reason
    assert reason.endswith('train.py --epochs 3", exit code: 1')


def test_a_stopped_training_keeps_what_it_saved(jobs, cloud):
    script = """
import signal, sys, time
def save(*_):
    open("/opt/ml/model/weights", "w").write("so far")
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("now training")
time.sleep(60)
"""
    name = jobs.train(script)
    for until in jobs.poll(30):
        events = cloud.client("logs").filter_log_events(
            logGroupName="/aws/sagemaker/TrainingJobs", filterPattern='"now training"'
        )["events"]
        if name in [event["logStreamName"].partition("/")[0] for event in events]:
            break
        assert until
    jobs.sm.stop_training_job(TrainingJobName=name)
    described = jobs.wait(name)
    assert described["TrainingJobStatus"] == described["SecondaryStatus"] == "Stopped"
    assert jobs.unpack(f"models/{name}/output/model.tar.gz") == {"weights": b"so far"}
    with pytest.raises(jobs.sm.exceptions.ClientError, match="is in status Stopped"):
        jobs.sm.stop_training_job(TrainingJobName=name)


def test_a_training_that_runs_too_long_is_stopped(jobs):
    described = jobs.wait(jobs.train("import time; time.sleep(60)", max_runtime=1))
    assert described["TrainingJobStatus"] == "Stopped"
    assert described["SecondaryStatus"] == "MaxRuntimeExceeded"


def test_a_second_training_goes_on_from_the_checkpoints_of_the_first(jobs):
    script = """
from pathlib import Path
path = Path("/opt/ml/checkpoints/epoch.txt")
epoch = int(path.read_text()) if path.exists() else 0
print(f"epoch={epoch}")
path.write_text(str(epoch + 1))
"""
    config = {"S3Uri": jobs.uri("checkpoints")}
    metric = {"MetricDefinitions": [{"Name": "epoch", "Regex": "epoch=([0-9]+)"}]}
    found = []
    for job in ("-1", "-2"):
        name = jobs.train(script, job=job, CheckpointConfig=config, algorithm=metric)
        found += [each["Value"] for each in jobs.wait(name)["FinalMetricDataList"]]
    assert found == [0, 1]
    assert jobs.get("checkpoints/epoch.txt") == b"2"


def test_what_the_local_cloud_cannot_do_is_refused_by_name(jobs):
    channel = jobs.channel("train", jobs.uri("data/"))
    efs = {"FileSystemId": "fs-12345678901", "FileSystemAccessMode": "ro"}
    efs |= {"FileSystemType": "EFS", "DirectoryPath": "/"}
    metrics = {"MetricDefinitions": [{"Name": "broken", "Regex": "loss: ("}]}
    for words, changes in {
        "Pipe mode": {"InputDataConfig": [channel | {"InputMode": "Pipe"}]},
        "FileSystemDataSource: use S3DataSource": {
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"FileSystemDataSource": efs}}
            ]
        },
        "names must be unique": {"InputDataConfig": [channel, channel]},
        "the regex of 'broken' is broken": {"algorithm": metrics},
        "expected the name of a folder": {"InputDataConfig": [channel | {"ChannelName": ".."}]},
        "expected s3://bucket/key, found 'https": {
            "OutputDataConfig": {"S3OutputPath": "https://bucket/x"}
        },
        "CheckpointConfig: expected a LocalPath that begins with /opt/ml/": {
            "CheckpointConfig": {"S3Uri": "s3://b/x", "LocalPath": "/opt/ml/../../etc"}
        },
        "InstanceCount": {"ResourceConfig": {"VolumeSizeInGB": 1, "InstanceType": "ml.m5.large"}},
    }.items():
        with pytest.raises(jobs.sm.exceptions.ClientError, match=words) as refused:
            jobs.train("", **changes)
        assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(jobs.sm.exceptions.ResourceNotFound):
        jobs.sm.describe_training_job(TrainingJobName=jobs.name)


def test_jobs_are_listed_tagged_updated_and_deleted(jobs):
    names = [
        jobs.train("import time; time.sleep(2)", job=f"-{n}", Tags=[{"Key": "n", "Value": str(n)}])
        for n in range(3)
    ]
    arn = jobs.describe(names[1])["TrainingJobArn"]
    assert jobs.sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "n", "Value": "1"}]
    with pytest.raises(jobs.sm.exceptions.ResourceInUse):
        jobs.sm.delete_training_job(TrainingJobName=names[2])
    for name in names:
        jobs.wait(name)
    pages = jobs.sm.get_paginator("list_training_jobs").paginate(
        NameContains=jobs.name,
        StatusEquals="Completed",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 2},
    )
    found = [each["TrainingJobName"] for page in pages for each in page["TrainingJobSummaries"]]
    assert found == names[::-1]
    jobs.sm.update_training_job(
        TrainingJobName=names[0], ResourceConfig={"KeepAlivePeriodInSeconds": 60}
    )
    resources = jobs.describe(names[0])["ResourceConfig"]
    assert resources["KeepAlivePeriodInSeconds"] == 60 and resources["InstanceCount"] == 1
    jobs.sm.delete_training_job(TrainingJobName=names[0])
    with pytest.raises(jobs.sm.exceptions.ResourceNotFound):
        jobs.sm.describe_training_job(TrainingJobName=names[0])


def test_two_isolated_instances_share_out_a_fast_file_channel(jobs):
    for n in range(5):
        jobs.s3.put_object(Bucket="jobs", Key=f"{jobs.name}/data/{n}.txt", Body=str(n))
    script = """
import json, os, urllib.request
host = os.environ["SM_CURRENT_HOST"]
assert json.loads(os.environ["SM_HOSTS"]) == ["algo-1", "algo-2"]
assert open("/etc/hosts").read().count("algo-") == 2
assert "AWS_ENDPOINT_URL" not in os.environ
with open(f"/opt/ml/model/{host}.txt", "w") as file:
    file.write(",".join(sorted(os.listdir(os.environ["SM_CHANNEL_TRAIN"]))))
with open("/proc/net/dev") as file:
    assert file.read().count(":") == 1, "only the loopback interface"
"""
    channel = jobs.channel("train", jobs.uri("data"), S3DataDistributionType="ShardedByS3Key")
    name = jobs.train(
        script,
        instances=2,
        InputDataConfig=[channel | {"InputMode": "FastFile"}],
        EnableNetworkIsolation=True,
    )
    described = jobs.wait(name)
    assert described["TrainingJobStatus"] == "Completed", described
    assert jobs.unpack(f"models/{name}/output/model.tar.gz") == {
        "algo-1.txt": b"0.txt,2.txt,4.txt",
        "algo-2.txt": b"1.txt,3.txt",
    }

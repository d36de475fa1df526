"""SageMaker SDK v3, unmodified, against the cloud: its processors, its trainer and its endpoints."""

import io
import json
import tarfile

import pytest

from endpoints import IMAGE, add_image
from slipway.images.environment import prefix

ECR = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
ROLE = "arn:aws:iam::123456789012:role/SageMaker"
BUCKET = "jobs"


@pytest.fixture
def session(cloud, jobs, monkeypatch):
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    from sagemaker.core.helper.session_helper import Session

    return Session(default_bucket=BUCKET)


@pytest.fixture
def role(cloud, jobs):
    """A role that SageMaker may assume, with the rights that the SDK looks for."""
    iam = cloud.client("iam")
    may = {"Effect": "Allow", "Action": ["sagemaker:*", "s3:*", "logs:*", "ecr:*"], "Resource": "*"}
    may["Action"] += ["cloudwatch:*", "ec2:*", "iam:PassRole", "iam:GetRole", "kms:*"]
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    trust["Action"] = "sts:AssumeRole"
    policy = {"Version": "2012-10-17", "Statement": [may]}
    made = iam.create_role(
        RoleName=jobs.name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    iam.put_role_policy(RoleName=jobs.name, PolicyName="jobs", PolicyDocument=json.dumps(policy))
    return made["Role"]["Arn"]


def output(uri: str):
    from sagemaker.core.processing import ProcessingOutput
    from sagemaker.core.shapes import ProcessingS3Output

    target = ProcessingS3Output(
        s3_uri=uri, local_path="/opt/ml/processing/output", s3_upload_mode="EndOfJob"
    )
    return ProcessingOutput(output_name="result", s3_output=target)


@pytest.fixture
def source(tmp_path, wheelhouse):
    """A source folder with its requirements in it."""
    for path, content in wheelhouse.items():
        file = tmp_path / "source" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path / "source"


def test_a_framework_processor_unpacks_its_source_and_installs_its_requirements(
    session, jobs, source
):
    from sagemaker.core.processing import FrameworkProcessor

    (source / "main.py").write_text(
        "import gauge, pandas, sys\n"
        "open('/opt/ml/processing/output/x.txt', 'w').write(f'{gauge.LENGTH} {sys.argv[1:]}')\n"
    )
    processor = FrameworkProcessor(
        image_uri=f"{ECR}/sagemaker-scikit-learn:1.2-1-cpu-py3",
        command=["python3"],
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    processor.run(
        code="main.py",
        source_dir=str(source),
        arguments=["--share", "0.9"],
        outputs=[output(jobs.uri("result"))],
        wait=False,
    )
    jobs.wait(processor.latest_job.processing_job_name)
    assert jobs.get("result/x.txt") == b"42 ['--share', '0.9']"
    assert not list(prefix("sklearn").rglob("gauge*")), "a job has changed its image"


def test_a_script_processor_shows_its_log(session, jobs, tmp_path, capsys):
    from sagemaker.core.processing import ScriptProcessor, logs_for_processing_job

    (tmp_path / "script.py").write_text("print('three stars')")
    processor = ScriptProcessor(
        image_uri="public.ecr.aws/docker/library/python:3.12-slim",
        command=["python3"],
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    processor.run(code=str(tmp_path / "script.py"), wait=False)
    name = processor.latest_job.processing_job_name
    assert jobs.wait(name)["ProcessingJobStatus"] == "Completed"
    logs_for_processing_job(session, name, wait=False, poll=0.1)
    assert "three stars" in capsys.readouterr().out


@pytest.mark.slow
def test_a_pyspark_processor_submits_with_jars_and_python_files(session, jobs, tmp_path):
    from sagemaker.core.spark.processing import PySparkProcessor

    helper = tmp_path / "helper.py"
    helper.write_text("def double(x): return 2 * x\n")
    jar = tmp_path / "some.jar"
    jar.write_bytes(b"PK\x05\x06" + bytes(18))
    application = tmp_path / "application.py"
    application.write_text("""
import sys
from pathlib import Path
from pyspark.sql import SparkSession
from helper import double
spark = SparkSession.builder.appName("sum").getOrCreate()
total = spark.range(double(5)).selectExpr("sum(id)").first()[0]
jar = Path(spark.conf.get("spark.jars")).name
Path("/opt/ml/processing/output/total.txt").write_text(f"{total} {sys.argv[1:]} {jar}")
spark.stop()
""")
    processor = PySparkProcessor(
        framework_version="3.5",
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
        base_job_name="spark",
    )
    processor.run(
        submit_app=str(application),
        submit_py_files=[str(helper)],
        submit_jars=[str(jar)],
        arguments=["--rows", "10"],
        outputs=[output(jobs.uri("result"))],
        spark_event_logs_s3_uri=jobs.uri("events"),
        wait=False,
    )
    name = processor.latest_job.processing_job_name
    described = jobs.wait(name)
    assert described["ProcessingJobStatus"] == "Completed", described
    assert jobs.get("result/total.txt") == b"45 ['--rows', '10'] some.jar"
    assert any(key.startswith("local-") for key in jobs.keys("events/"))


@pytest.mark.slow
def test_a_model_trainer_runs_its_drivers(session, jobs, source, role):
    from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig, SourceCode
    from sagemaker.train import ModelTrainer

    (source / "train.py").write_text("""
import argparse, os
from pathlib import Path
import gauge
import tensorflow as tf
parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int)
steps = parser.parse_args().steps
rows = (Path(os.environ["SM_CHANNEL_TRAIN"]) / "rows.txt").read_text()
total = float(tf.reduce_sum(tf.ones([steps, gauge.LENGTH])))
Path("/opt/ml/model/total.txt").write_text(f"{total} {rows}")
""")
    jobs.put(data__rows_txt="reviews")
    trainer = ModelTrainer(
        training_image=f"{ECR}/tensorflow-training:2.19-gpu-py312",
        source_code=SourceCode(
            source_dir=str(source), entry_script="train.py", requirements="requirements.txt"
        ),
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=30),
        output_data_config=OutputDataConfig(s3_output_path=jobs.uri("models")),
        base_job_name=jobs.name[:20].strip("-"),
        hyperparameters={"steps": 2},
        role=role,
        sagemaker_session=session,
    )
    channels = [InputData(channel_name="train", data_source=jobs.uri("data/"))]
    trainer.train(input_data_config=channels, wait=False)
    name = trainer._latest_training_job.training_job_name
    described = jobs.wait(name)
    assert described["TrainingJobStatus"] == "Completed", described
    model = f"models/{name}/output/model.tar.gz"
    assert jobs.unpack(model) == {"total.txt": b"84.0 reviews"}


def test_the_sdk_builds_deploys_and_invokes(cloud, session, jobs, role):
    from sagemaker.core.resources import Endpoint, EndpointConfig, Model
    from sagemaker.core.shapes import ContainerDefinition, ProductionVariant
    from sagemaker.serve import ModelBuilder

    add_image(cloud.home)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("weights"))
    jobs.put(model_tar_gz=packed.getvalue())
    builder = ModelBuilder(
        image_uri=IMAGE,
        s3_model_data_url=jobs.uri("model.tar.gz"),
        role_arn=role,
        instance_type="ml.m5.large",
        env_vars={"OBEY": "1"},
        sagemaker_session=session,
    )
    model = builder.build(model_name="built")
    built = builder.deploy(endpoint_name="built", initial_instance_count=1, wait=False)
    built.wait_for_status("InService", poll=1)
    assert built.invoke(body=b"files", content_type="text/plain").body.read() == b'["weights"]'

    container = ContainerDefinition(image=IMAGE, environment={"OBEY": "1", "TAG": "core-"})
    model = Model.create(model_name="core", primary_container=container, execution_role_arn=role)
    settings = ProductionVariant(
        variant_name="v",
        model_name=model.model_name,
        initial_instance_count=1,
        instance_type="ml.m5.large",
    )
    config = EndpointConfig.create(endpoint_config_name="core", production_variants=[settings])
    own = Endpoint.create(endpoint_name="core", endpoint_config_name=config.endpoint_config_name)
    own.wait_for_status("InService", poll=1)
    answer = own.invoke(body=b"hello", content_type="text/plain")
    assert answer.body.read() == b"core-echo"
    assert answer.invoked_production_variant == "v"
    assert {each.endpoint_name for each in Endpoint.get_all()} >= {"built", "core"}
    for each in (built, own):
        each.delete()
    for each in (built, own):
        each.wait_for_delete(poll=1)
    with pytest.raises(Exception, match="Could not find endpoint"):
        Endpoint.get("core")


def test_the_sdk_sees_an_approval_when_it_refreshes_a_version(cloud, session):
    from sagemaker.core.resources import ModelPackage

    client = cloud.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="refreshed")
    arn = client.create_model_package(ModelPackageGroupName="refreshed")["ModelPackageArn"]
    package = ModelPackage.get(arn)
    client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert package.refresh().model_approval_status == "Approved"

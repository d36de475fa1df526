"""The processors of SageMaker SDK v3, unmodified."""

from pathlib import Path

import pytest

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


@pytest.fixture
def session(cloud, monkeypatch):
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    from sagemaker.core.helper.session_helper import Session

    session = Session(default_bucket="sdk-processors")
    return session


def put(uri: str, local: str):
    from sagemaker.core.processing import ProcessingOutput
    from sagemaker.core.shapes import ProcessingS3Output

    target = ProcessingS3Output(s3_uri=uri, local_path=local, s3_upload_mode="EndOfJob")
    return ProcessingOutput(output_name="result", s3_output=target)


def read(session, key: str) -> str:
    s3 = session.boto_session.client("s3")
    return s3.get_object(Bucket="sdk-processors", Key=key)["Body"].read().decode()


def test_a_framework_processor_unpacks_its_source_and_its_requirements(session, tmp_path):
    from sagemaker.core.processing import FrameworkProcessor

    package = tmp_path / "source" / "wheels" / "gauge"
    package.mkdir(parents=True)
    (package / "gauge.py").write_text("LENGTH = 42\n")
    (package / "pyproject.toml").write_text('[project]\nname = "gauge"\nversion = "1"\n')
    (tmp_path / "source" / "requirements.txt").write_text("pandas\n")
    (tmp_path / "source" / "main.py").write_text(
        "import pandas, sys\n"
        "open('/opt/ml/processing/output/x.txt', 'w').write(' '.join(sys.argv[1:]))\n"
    )
    processor = FrameworkProcessor(
        image_uri="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        command=["python3"],
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
        base_job_name="framework",
    )
    processor.run(
        code="main.py",
        source_dir=str(tmp_path / "source"),
        arguments=["--share", "0.9"],
        outputs=[put("s3://sdk-processors/framework", "/opt/ml/processing/output")],
    )
    assert read(session, "framework/x.txt") == "--share 0.9"


def test_a_pyspark_processor_submits_with_jars_and_python_files(session, tmp_path):
    from sagemaker.core.spark.processing import PySparkProcessor

    helper = tmp_path / "helper.py"
    helper.write_text("def double(x): return 2 * x\n")
    jar = Path(__file__).parents[4] / "README.md"
    application = tmp_path / "application.py"
    application.write_text("""
import sys
from pathlib import Path
from pyspark.sql import SparkSession
from helper import double
spark = SparkSession.builder.appName("sum").getOrCreate()
total = spark.range(double(5)).selectExpr("sum(id)").first()[0]
print("jars", spark.conf.get("spark.jars"))
Path("/opt/ml/processing/output/total.txt").write_text(f"{total} {sys.argv[1:]}")
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
        outputs=[put("s3://sdk-processors/spark", "/opt/ml/processing/output")],
        spark_event_logs_s3_uri="s3://sdk-processors/events",
    )
    assert read(session, "spark/total.txt") == "45 ['--rows', '10']"
    s3 = session.boto_session.client("s3")
    assert s3.list_objects_v2(Bucket="sdk-processors", Prefix="events/")["KeyCount"] > 0

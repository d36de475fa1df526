"""The disk fills up under a step: the step says so, the cloud lives on, and a retry finishes the run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import steps
from small_disk import on_it, spaces

OUT = "/opt/ml/processing/output"
WRITE = f"open('{OUT}/data', 'wb').write(b'x' * (30 << 20))"
OUTPUT = {
    "OutputName": "out",
    "S3Output": {"S3Uri": "s3://disk/out", "LocalPath": OUT, "S3UploadMode": "EndOfJob"},
}
STEP = steps.processing("Write", WRITE, ProcessingOutputConfig={"Outputs": [OUTPUT]})
JOURNEY = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
from conftest import Shell
filler = pathlib.Path("/mnt/filler")
filler.write_bytes(b"x" * (40 << 20))
shell = Shell("/mnt/home")
assert shell("up").code == 0
try:
    cloud = shell.pointed_at_the_cloud()
    import boto3, os
    os.environ |= {k: v for k, v in cloud.environ.items() if k.startswith("AWS_")}
    boto3.client("s3").create_bucket(Bucket="disk")
    ran = cloud("run", sys.argv[2], "--role", sys.argv[3], "--wait", "--json")
    filler.unlink()
    arn = ran.json["PipelineExecutionArn"]
    assert cloud("retry", arn).code == 0
    while (again := cloud("show", arn, "--json")).json["PipelineExecutionStatus"] == "Executing":
        pass
    size = boto3.client("s3").head_object(Bucket="disk", Key="out/data")["ContentLength"]
    steps = [each["Steps"][0] for each in (ran.json, again.json)]
    print(json.dumps([[ran.code, again.code], [s.get("FailureReason") for s in steps], size]))
finally:
    shell("down")
"""


@pytest.mark.slow
@pytest.mark.skipif(not spaces(), reason="no mount namespaces here, so no disk to fill")
def test_a_step_that_fills_the_disk_says_so_and_is_retried(tmp_path):
    definition, script = tmp_path / "fill.json", tmp_path / "journey.py"
    definition.write_text(json.dumps({"Version": "2020-12-01", "Steps": [STEP]}))
    script.write_text(JOURNEY)
    words = [
        sys.executable,
        str(script),
        str(Path(__file__).parents[1]),
        str(definition),
        steps.ROLE,
    ]
    ended = subprocess.run(on_it(words), capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    codes, reasons, size = json.loads(ended.stdout)
    assert (codes, size) == ([1, 0], 30 << 20)
    assert reasons[1] is None
    assert "the disk that holds /mnt/home is full; free some space" in reasons[0]

"""The disk fills up while an endpoint captures and a transform job writes: callers notice nothing, the job says so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from small_disk import on_it, spaces

JOURNEY = """
import contextlib, json, pathlib, sys, time
tests = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(tests / "slipway" / "cloud"), str(tests / "support")]
from conftest import CloudProcess
from endpoints import Endpoints, variant
from transforms import BUCKET, Transforms

filler = pathlib.Path("/mnt/filler")
pathlib.Path("/mnt/home").mkdir()
cloud = CloudProcess(pathlib.Path("/mnt/home"))
try:
    endpoints, runtime, s3 = Endpoints(cloud), cloud.client("sagemaker-runtime"), cloud.client("s3")
    jobs = Transforms(cloud, pathlib.Path("/mnt"))
    capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    endpoints.model("m")
    endpoints.create("e", variant("m"), DataCaptureConfig=capture)
    endpoints.settled("e")
    jobs.put("fills", a_txt=b"x" * (32 << 20))

    def ask(words):
        for word in words:
            runtime.invoke_endpoint(EndpointName="e", Body=word, ContentType="text/csv")
        time.sleep(0.5)  # until what was asked is written, or is not

    ask(["before"])
    jobs.start(
        "fills",
        environment={"ASKED": "/dev/null"},
        input={"SplitType": "None"},
        MaxPayloadInMB=100,
    )
    reason = jobs.ended("fills")["FailureReason"]
    with filler.open("wb", 0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096) == 4096:
            pass
    ask(["while" * 4000] * 3)  # more than the page that the file has already
    filler.unlink()
    ask(["after"])
    endpoints.sm.delete_endpoint(EndpointName="e")
    endpoints.gone("e")
    lines = [
        json.loads(line)["captureData"]["endpointInput"]["data"]
        for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="captured/")["Contents"]
        for line in s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read().splitlines()
    ]
    log = pathlib.Path("/mnt/home/cloud.log").read_text()
    told = [line for line in log.splitlines() if "were not captured" in line]
    print(json.dumps([reason, sorted(lines), told]))
finally:
    cloud.stop()
"""


@pytest.mark.slow
@pytest.mark.skipif(not spaces(), reason="no mount namespaces here, so no disk to fill")
def test_a_full_disk_loses_captured_lines_and_nothing_else(tmp_path):
    script = tmp_path / "journey.py"
    script.write_text(JOURNEY)
    words = [sys.executable, str(script), str(Path(__file__).parents[1])]
    ended = subprocess.run(on_it(words), capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    reason, lines, told = json.loads(ended.stdout)
    assert "the disk that holds /mnt/home is full; free some space" in reason
    assert lines == ["after", "before"]
    assert any("3 answered requests were not captured" in line for line in told)

"""What an instance of a transform job uses, as metrics."""

import time

from hosting import OURS, Bed, container
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.sagemaker.jobs.transform_metrics import Measured
from slipway.hosting.transform.plan import plan
from slipway.hosting.transform.run import Run
from slipway.jobs import probe

REQUEST = {
    "TransformJobName": "nightly",
    "TransformInput": {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/"}}
    },
    "TransformOutput": {"S3OutputPath": "s3://b/out"},
}


def test_an_instance_is_measured_under_its_jobs_name(shared, tmp_path):
    bed = Bed(tmp_path, probe.find(tmp_path))
    with bed.serving(container(image=OURS)) as instance:
        run = Run(
            plan(REQUEST, lambda: ("", "")), [instance], [tmp_path / "log"], tmp_path, bed.store
        )
        measured = Measured(run, shared.cloud, "eu-west-1", "nightly", [instance])
        for _ in range(2):  # the first look only begins it
            measured.sample()
            time.sleep(0.05)
    found = metrics.known(shared.cloud, "eu-west-1", 0)
    assert {(each.namespace, each.name, each.dimensions) for each in found} == {
        ("/aws/sagemaker/TransformJobs", name, (("Host", "nightly/i-1"),))
        for name in ("CPUUtilization", "MemoryUtilization")
    }

"""What services record: readable at once, in the file after a clean stop."""

import threading

from slipway.cloud.cloudwatch import metrics
from slipway.cloud.cloudwatch.series import Metric
from slipway.cloud.serving import assemble

DIMENSIONS = (("EndpointName", "e"), ("VariantName", "v"))


def total(cloud, name):
    found = metrics.read(
        cloud, Metric("us-east-1", "AWS/SageMaker", name, DIMENSIONS), 0, 4_000_000_000, 60
    )
    return {unit: sum(part.sum for part in parts.values()) for unit, parts in found.items()}


def record(cloud):
    values = {"Invocations": (1, "None"), "ModelLatency": (250.0, "Microseconds")}
    metrics.record(cloud, "us-east-1", "AWS/SageMaker", DIMENSIONS, values)


def test_what_many_threads_record_is_counted_once_and_survives_a_clean_stop(tmp_path):
    cloud = assemble(tmp_path, "http://localhost:4599")

    def work():
        for _ in range(500):
            record(cloud)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        total(cloud, "Invocations")  # a reader writes what waits
    assert total(cloud, "Invocations") == {"None": 2000}
    record(cloud)
    metrics.stop(cloud)
    cloud.state.close()

    again = assemble(tmp_path, "http://localhost:4599")
    assert total(again, "Invocations") == {"None": 2001}
    assert total(again, "ModelLatency") == {"Microseconds": 2001 * 250}
    metrics.stop(again)
    again.state.close()

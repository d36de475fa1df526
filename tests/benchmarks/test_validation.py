"""How long it takes to check a request and its answer, beside botocore's own, smaller check."""

import json
import time

import pytest
from botocore.validate import ParamValidator

from conformance.world import TRAINING
from slipway.cloud.answers import wire
from slipway.cloud.json_protocol import parse, service_model, validate

ROUNDS = 300


def seconds(work):
    """Return the quickest of several rounds, in seconds for one."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(ROUNDS):
            work()
        best = min(best, (time.perf_counter() - start) / ROUNDS)
    return best


@pytest.mark.bench
def test_checking_a_request_takes_a_few_times_what_botocores_part_of_it_takes():
    model = service_model("sagemaker").operation_model("CreateTrainingJob")
    request = TRAINING | {
        "TrainingJobName": "t",
        "HyperParameters": {f"name-{n}": "value" * 10 for n in range(100)},
        "Tags": [{"Key": f"größe-{n}", "Value": "v"} for n in range(50)],
    }
    body = json.dumps(request).encode()
    ours = seconds(lambda: validate(model, parse(body)))
    botocores = seconds(lambda: ParamValidator().validate(json.loads(body), model.input_shape))
    listing = service_model("sagemaker").operation_model("ListModels").output_shape
    names = [{"ModelName": f"m{n}", "ModelArn": "a" * 60} for n in range(100)]
    now = validate(
        service_model("sagemaker").operation_model("ListModels"), {"CreationTimeAfter": 1}
    )
    answer = {"Models": [name | {"CreationTime": now["CreationTimeAfter"]} for name in names]}
    sent = seconds(lambda: json.dumps(wire(listing, answer)))
    print(
        f"\na request of {len(body)} bytes: {ours * 1e6:.0f} µs, botocore's check "
        f"{botocores * 1e6:.0f} µs ({ours / botocores:.2f} of it); "
        f"an answer of 100 summaries: {sent * 1e6:.0f} µs"
    )
    assert ours < 10 * botocores

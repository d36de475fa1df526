"""What goes wrong with the platform, and how it ends: a clear word, a safe end, nothing lost.

One platform lives through it all; each test goes on where the one before has ended. Nothing is trained:
its models give every review five stars, and what takes minutes is passed over by the clock.
"""

import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deployed import BOOTSTRAP, DEPLOY, Platform, approved, ended, production, wait_for
from hosting import tar_of
from infra.settings.load import load
from inventory import inventory, more
from slipway.images import catalog, environment
from synthesis import synthesize
from tests.conftest import Shell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

DEV = load("dev")
SETTINGS = replace(
    DEV,
    triggers=replace(DEV.triggers, quiet_seconds=2),
    delivery=replace(DEV.delivery, load_seconds=1, load_callers=1, canary_seconds=2),
)
SERVER = Path(__file__).parents[1] / "support" / "stars_server.py"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/stars:1"
PENDING = ("Production", "PendingApproval")
PRODUCTION = ["Approved for Production", "Released to production", "Deployed to production"]


@dataclass(frozen=True)
class Killed:
    """What there was to see of a deployment whose cloud was killed, and of the one after it."""

    before: dict  # what there was before anything was deployed
    at: dict  # the status of each stack at the death
    cli: subprocess.CompletedProcess  # that saw it
    again: subprocess.CompletedProcess


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """Return a platform whose cloud was killed in the middle of its first deployment."""
    if not (environment.cache() / "assets" / "weights").is_dir():
        pytest.skip("the assets are not set up")
    folder = tmp_path_factory.mktemp("trouble")
    shell = Shell(folder / "home")
    entry = {"command": [str(Path(sys.executable).resolve()), "-S", str(SERVER)]}
    entry |= {"folder": str(SERVER.parent), "binds_port": True}
    catalog.write(catalog.file_of(shell.home), IMAGE, entry)
    assembly = synthesize(SETTINGS, folder / "assembly").folder
    started = shell("up", "--enforce-iam")
    assert started.code == 0, started.err
    try:
        made = Platform(shell.pointed_at_the_cloud(), folder, assembly)
        made.killed = killed_and_repaired(made)
        made.read_outputs()
        yield made
    finally:
        shell("down", timeout=180)


def killed_and_repaired(platform):
    """Kill the cloud when some stacks are there and others on their way; deploy again."""
    bootstrap = platform.cdk(*BOOTSTRAP)
    assert bootstrap.returncode == 0, bootstrap.stdout
    before = inventory(platform.client)
    begun = platform.begin_cdk(*DEPLOY)

    def in_the_middle():
        assert begun.poll() is None, begun.communicate()
        found = statuses(platform)
        there = [name for name, status in found.items() if status == "CREATE_COMPLETE"]
        return len(there) >= 2 and "CREATE_IN_PROGRESS" in found.values() and found

    at = wait_for("the middle of the deployment", in_the_middle, 120)
    platform.kill()
    platform.up()
    cli = ended(begun, 240)
    wait_for("nothing in progress", lambda: at_rest(statuses(platform)), 120)
    return Killed(before, at, cli, platform.cdk(*DEPLOY))


def statuses(platform):
    """Return the status of each of the platform's stacks."""
    found = platform.client("cloudformation").describe_stacks()["Stacks"]
    mine = [stack for stack in found if stack["StackName"].startswith("slipway-dev-")]
    return {stack["StackName"]: stack["StackStatus"] for stack in mine}


def at_rest(found):
    return not [status for status in found.values() if status.endswith("_IN_PROGRESS")]


@pytest.fixture(scope="module")
def packages(platform):
    """Return packages that may be released, by name; each is registered when it is first asked for."""

    class Packages(dict):
        def __missing__(self, name):
            self[name] = registered(platform, name)
            return self[name]

    return Packages()


def registered(platform, name):
    """Register a version of the platform's model with an artifact of its own."""
    bucket = platform.outputs["ArtifactsBucketName"]
    key = f"reviews-training/models/{name}/model.tar.gz"
    body = tar_of({"name": name.encode()})
    platform.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    lines = ["application/jsonlines"]
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": f"s3://{bucket}/{key}"}],
        "SupportedContentTypes": lines,
        "SupportedResponseMIMETypes": lines,
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
    }
    return platform.client("sagemaker").create_model_package(
        ModelPackageGroupName=platform.outputs["ModelPackageGroupName"],
        InferenceSpecification=specification,
        ModelApprovalStatus="PendingManualApproval",
    )["ModelPackageArn"]


def test_a_deployment_goes_on_after_the_death_of_its_cloud(platform):
    killed = platform.killed
    assert "CREATE_IN_PROGRESS" in killed.at.values()
    # Mostly it reaches the new process and goes on.
    lost = ("ECONNREFUSED", "ECONNRESET", "socket hang up")
    assert killed.cli.returncode == 0 or any(word in killed.cli.stdout for word in lost)
    assert killed.again.returncode == 0, killed.again.stdout
    found = statuses(platform)
    assert len(found) == 8 and set(found.values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def test_nothing_half_made_is_left_of_it(platform):
    cloudformation = platform.client("cloudformation")
    owned = set()
    for name in statuses(platform):
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        for each in (each for page in pages for each in page["StackResourceSummaries"]):
            assert each["ResourceStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), each
            owned.add(each["PhysicalResourceId"])
    found = more(inventory(platform.client), platform.killed.before)
    for kind in ("buckets", "roles", "functions", "queues", "keys", "tables", "subnets", "rules"):
        assert found[kind] <= owned, kind


def test_an_approval_of_a_model_whose_artifact_is_gone_is_refused(platform, packages):
    gone = packages["gone"]
    bucket = platform.outputs["ArtifactsBucketName"]
    platform.client("s3").delete_object(
        Bucket=bucket, Key="reviews-training/models/gone/model.tar.gz"
    )
    platform.decide("ana", gone, **approved("ana"))
    wait_for("the refusal", lambda: platform.trail(gone), 30)
    (refused,) = platform.shell("models", gone, "--json").json["Steps"]
    assert refused["Action"] == "Refused"
    assert "models/gone/model.tar.gz is gone" in refused["Comment"]
    assert platform.package(gone)["ModelApprovalStatus"] == "Rejected"
    assert platform.endpoint("StagingEndpointName") is None
    assert not platform.client("sagemaker").list_models(NameContains="slipway-dev-")["Models"]


def test_two_approvals_at_once_are_released_one_after_the_other(platform, packages):
    pair = {"ana": packages["one"], "ben": packages["two"]}
    platform.session("OpsRoleArn", "ana"), platform.session("OpsRoleArn", "ben")
    at_once(lambda who: platform.decide(who, pair[who], **approved(who)), pair)

    def tested():
        return {who for who, package in pair.items() if platform.stage(package) == PENDING}

    wait_for("the test of one", tested, 60)
    platform.advance("61s")  # for which the other one waits
    wait_for("the test of both", lambda: len(tested()) == 2, 60)
    for who, package in pair.items():
        said = [line.partition(":")[0] for line in platform.trail(package)]
        assert said[0] == f"Approved by {who}"
        assert [line.partition(" by")[0] for line in said[1:]] == [
            "Released to staging",
            "Verified",
        ]


def test_who_approves_twice_at_once_releases_once(platform, packages):
    package = packages["one"]
    people = ("cleo", "dan")
    for who in people:
        platform.session("OpsRoleArn", who)
    at_once(lambda who: platform.decide(who, package, **production("Approved", who)), people)
    in_production(platform, package)
    platform.advance("61s")  # until which the other event may wait
    time.sleep(2)
    said = [line.partition(":")[0].partition(" by ") for line in platform.trail(package)[3:]]
    assert [action for action, _, _ in said] == PRODUCTION
    assert said[0][2] in people


def test_a_model_comes_back_and_the_one_that_took_its_place_too(platform, packages):
    one, two = packages["one"], packages["two"]
    for package, other in ((two, one), (one, two), (two, one)):
        platform.decide("cleo", package, **production("Approved", "cleo"))
        in_production(platform, package)
        wait_for("the end of the other", lambda: last(platform, other) == "Replaced", 30)  # noqa: B023
        assert platform.stage(other) == ("Production", "Replaced")
    said = [line.partition(" by ")[0] for line in platform.trail(two)[3:]]
    assert said == [*PRODUCTION, "Replaced", *PRODUCTION]


def test_a_release_goes_on_after_the_death_of_its_cloud(platform, packages):
    one, two = packages["one"], packages["two"]
    platform.decide("cleo", one, **production("Approved", "cleo"))
    wait_for("the release", lambda: status(platform) == "Updating", 30)
    platform.kill()
    platform.up()
    assert platform.endpoint("ProductionEndpointName")["Packages"] == [two]
    wait_for("the end of the release", lambda: status(platform) == "InService", 60)
    platform.advance("61s")  # until which the function's message may wait
    in_production(platform, one)
    wait_for("the end of the other", lambda: last(platform, two) == "Replaced", 30)


def test_poison_ends_as_dead_letters_and_files_start_the_pipeline(platform):
    sqs = platform.client("sqs")
    queue, dead = queues(platform, "LandedQueue"), queues(platform, "LandedDeadLetters")
    raw, prefix = platform.outputs["RawBucketName"], platform.outputs["RawPrefix"]
    absurd = {"bucket": {"name": raw}, "object": {"key": f"{prefix}two\nlines/x.tsv", "size": -1}}
    poison = ["no event", "[" * 100_000, json.dumps({"time": "soon", "detail": absurd})]
    for body in poison:
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    for _ in range(5):
        wait_for("an attempt", lambda: count(sqs, queue, "NotVisible") == len(poison), 30)
        platform.advance("6m")
    wait_for("the dead letters", lambda: count(sqs, dead) == len(poison), 30)
    found, ops = set(), platform.client("sqs", "OpsRoleArn", "ana")
    while len(found) < len(poison):
        answer = ops.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)
        found |= {each["Body"] for each in answer.get("Messages", ())}
    assert found == set(poison)
    platform.client("s3", "ProducerRoleArn", "shop").put_object(
        Bucket=raw, Key=f"{prefix}2026/11/21/new.tsv", Body=b"no header, no reviews"
    )
    (started,) = wait_for("an execution", platform.executions, 60)
    platform.client("sagemaker").stop_pipeline_execution(
        PipelineExecutionArn=started["PipelineExecutionArn"], ClientRequestToken="x" * 32
    )
    assert platform.parameters(started)["InputPrefix"] == f"{prefix}2026/11/21/"


def test_what_a_function_was_too_slow_for_is_kept_and_done_later(platform, packages):
    aws, sqs = platform.client("lambda"), platform.client("sqs")
    (config,) = (
        each
        for page in aws.get_paginator("list_functions").paginate()
        for each in page["Functions"]
        if each["FunctionName"].startswith("slipway-dev-delivery-Outcome")
    )
    name, good = config["FunctionName"], config["Environment"]["Variables"]
    dead = queues(platform, "OutcomeFailures")
    package = packages["two"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = f"http://localhost:{silent.getsockname()[1]}"
        bad = good | {"AWS_ENDPOINT_URL_SAGEMAKER": nobody}
        aws.update_function_configuration(
            FunctionName=name, Environment={"Variables": bad}, Timeout=1
        )
        platform.decide("cleo", package, **production("Approved", "cleo"))
        wait_for("production", lambda: platform.serves("ProductionEndpointName", package), 60)
        for attempt in (1, 2, 3):
            wait_for("an attempt", lambda: timed_out(platform) >= attempt, 30)  # noqa: B023
            platform.advance(f"{attempt}m")
        wait_for("the dead letter", lambda: count(sqs, dead) == 1, 30)
    assert last(platform, package) == "Released to production"
    aws.update_function_configuration(
        FunctionName=name, Environment={"Variables": good}, Timeout=config["Timeout"]
    )
    (letter,) = sqs.receive_message(QueueUrl=dead)["Messages"]
    assert json.loads(letter["Body"])["detail"]["EndpointStatus"] == "IN_SERVICE"
    answer = aws.invoke(FunctionName=name, Payload=letter["Body"])
    assert "FunctionError" not in answer
    assert last(platform, package) == "Deployed to production"


def test_nothing_is_left_when_it_is_destroyed(platform):
    s3 = platform.client("s3")
    after = inventory(platform.client)
    for bucket in more(after, platform.killed.before)["buckets"]:
        for body in (b"first", b"second"):
            s3.put_object(Bucket=bucket, Key="left/over", Body=body)
        s3.delete_object(Bucket=bucket, Key="left/over")
    logs = platform.client("logs")
    logs.create_log_group(logGroupName="/aws-glue/crawlers")  # as Glue does
    streams = logs.describe_log_streams(logGroupName="/slipway-dev/functions/outcome")
    assert streams["logStreams"]
    assert after["endpoints"] and after["models"] and after["configurations"]
    destroyed = platform.cdk("destroy", "--all", "--force")
    assert destroyed.returncode == 0, destroyed.stdout
    assert more(inventory(platform.client), platform.killed.before) == {}


def at_once(do, whom):
    """Do something for several people at the same moment."""
    with ThreadPoolExecutor(len(whom)) as threads:
        list(threads.map(do, whom))


def last(platform, package):
    """Return what was done last with a package."""
    return platform.trail(package)[-1].partition(" by ")[0]


def status(platform):
    return platform.endpoint("ProductionEndpointName")["EndpointStatus"]


def in_production(platform, package):
    """Wait until a package serves, and its trail says so."""
    wait_for("production", lambda: platform.serves("ProductionEndpointName", package), 60)
    wait_for("the trail", lambda: last(platform, package) == "Deployed to production", 30)


def queues(platform, name):
    """Return the address of the only queue of a name."""
    found = platform.client("sqs").list_queues()["QueueUrls"]
    (url,) = (each for each in found if f"-{name}" in each)
    return url


def count(sqs, queue, which=""):
    """Return how many messages a queue has."""
    name = f"ApproximateNumberOfMessages{which}"
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(found["Attributes"][name])


def timed_out(platform):
    """Return how often the function `outcome` was too slow."""
    pages = platform.client("logs").get_paginator("filter_log_events")
    lines = pages.paginate(
        logGroupName="/slipway-dev/functions/outcome", filterPattern='"Task timed out"'
    )
    return sum(len(page["events"]) for page in lines)

"""Each resource type: made, read back through its own API, changed, and gone without a trace."""

import json
import threading

import pytest
from botocore.exceptions import ClientError

from resources.every import EXAMPLES
from resources.making import Served, World, shown
from slipway.cloud.application import Application
from slipway.cloud.cloudformation import attempts
from slipway.cloud.cloudformation.resource import Failed
from slipway.cloud.cloudformation.types import found
from slipway.cloud.services import owned
from slipway.cloud.serving import assemble, bound, stop


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = bound(0)
    cloud = assemble(tmp_path_factory.mktemp("world"), f"http://localhost:{server.bind_addr[1]}")
    server.answer = Application(cloud)
    thread = threading.Thread(target=server.serve)
    thread.start()
    owned("secretsmanager").start(cloud)  # a rotation is at work in a thread of its own
    yield World(Served(cloud))
    server.stop()
    thread.join()
    stop(cloud)


@pytest.mark.parametrize("example", EXAMPLES, ids=[one.kind for one in EXAMPLES])
def test_a_resource_is_made_changed_and_gone(world, example):
    kind, properties = found(example.kind), example.properties(world)
    name = example.kind.replace("::", "")
    asked = world.asked(example.kind, name, properties)
    made = kind.create(asked)
    assert shown(example, world, made) == example.before
    json.dumps(dict(made.attributes))  # templates have them
    assert kind.create(asked).physical_id == made.physical_id  # after a kill, say

    changed = {**properties, **example.change(world)}
    changed = {name: value for name, value in changed.items() if value is not None}
    asked = world.asked(example.kind, name, changed)
    for _ in range(2):
        assert kind.update(asked, made, properties).physical_id == made.physical_id
        assert shown(example, world, made) == example.after

    for _ in range(2):
        kind.delete(asked, made)
        assert not shown(example, world, made)
    state = world.local.cloud.state.documents(asked.region, attempts.KIND)
    assert state.get(attempts.key(asked)) is None


@pytest.mark.parametrize("example", EXAMPLES, ids=[one.kind for one in EXAMPLES])
def test_a_property_that_a_type_does_not_have_is_refused_by_name(world, example):
    properties = {**example.properties(world), "NoSuchProperty": "1"}
    with pytest.raises(Failed, match="NoSuchProperty"):
        found(example.kind).create(world.asked(example.kind, "Refused", properties))


def test_an_access_key_whose_secret_nobody_has_is_made_anew(world):
    user, kind = world.one("AWS::IAM::User").physical_id, found("AWS::IAM::AccessKey")
    asked = world.asked("AWS::IAM::AccessKey", "Key", {"UserName": user})
    first, second = kind.create(asked), kind.create(asked)  # the first one was killed

    def keys():
        listed = world.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {one["AccessKeyId"]: one["Status"] for one in listed}

    assert second.attributes["SecretAccessKey"] != first.attributes["SecretAccessKey"]
    assert keys() == {second.physical_id: "Active"}
    off = world.asked("AWS::IAM::AccessKey", "Key", {"UserName": user, "Status": "Inactive"})
    assert kind.update(off, second, asked.properties).attributes == second.attributes
    assert keys() == {second.physical_id: "Inactive"}
    kind.delete(off, second)
    assert keys() == {}


class Killed(BaseException):
    """The end of a process."""


BY_THE_API = [  # the types whose ids their APIs make
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Logs::QueryDefinition",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
]


@pytest.mark.parametrize("name", BY_THE_API)
def test_what_a_killed_attempt_made_is_found_by_the_next(world, monkeypatch, name):
    (example,) = (one for one in EXAMPLES if one.kind == name)
    kind, first = found(name), []
    asked = world.asked(name, f"Killed{name.rpartition('::')[2]}", example.properties(world))

    def killed(asked, physical_id):
        first.append(physical_id)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(attempts, "made", killed)
        with pytest.raises(Killed):
            kind.create(asked)
    made = kind.create(asked)
    assert [made.physical_id] == first
    assert shown(example, world, made) == example.before
    kind.delete(asked, made)
    assert not shown(example, world, made)


def test_an_address_is_released_when_its_gateway_is_gone(world):
    (example,) = (one for one in EXAMPLES if one.kind == "AWS::EC2::NatGateway")
    address, gateway = found("AWS::EC2::EIP"), found("AWS::EC2::NatGateway")
    own = world.asked("AWS::EC2::EIP", "Address", {"Domain": "vpc"})
    made = address.create(own)
    properties = {**example.properties(world), "AllocationId": made.attributes["AllocationId"]}
    asked = world.asked("AWS::EC2::NatGateway", "Gateway", properties)
    gateway.delete(asked, gateway.create(asked))
    address.delete(own, made)
    addresses = world.client("ec2").describe_addresses()["Addresses"]
    assert made.physical_id not in [one["PublicIp"] for one in addresses]


def test_a_delivery_channel_goes_after_its_recorder_too(world, monkeypatch):
    name = "AWS::Config::DeliveryChannel"
    (example,) = (one for one in EXAMPLES if one.kind == name)
    asked = world.asked(name, "Left", example.properties(world))
    made = found(name).create(asked)
    kinds = [key for key in world.made if "ConfigurationRecorder" in key]
    for key in kinds:
        recorder, left = world.made.pop(key)
        world.client("config").stop_configuration_recorder(
            ConfigurationRecorderName=left.physical_id
        )
        found("AWS::Config::ConfigurationRecorder").delete(recorder, left)
    monkeypatch.setattr("slipway.cloud.cloudformation.resources.governance.RECORDER", 0)
    found(name).delete(asked, made)
    assert not world.client("config").describe_delivery_channels()["DeliveryChannels"]


def test_a_bucket_that_holds_objects_is_not_deleted(world):
    kind, s3 = found("AWS::S3::Bucket"), world.client("s3")
    asked = world.asked("AWS::S3::Bucket", "Mine", {})
    made = kind.create(asked)
    s3.put_object(Bucket=made.physical_id, Key="a", Body=b"precious")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        kind.delete(asked, made)
    assert s3.get_object(Bucket=made.physical_id, Key="a")["Body"].read() == b"precious"


def test_what_somebody_else_has_made_is_not_taken(world):
    world.client("s3").create_bucket(Bucket="of-somebody-else")
    asked = world.asked("AWS::S3::Bucket", "Theirs", {"BucketName": "of-somebody-else"})
    for _ in range(2):
        with pytest.raises(Failed, match="already exists"):
            found("AWS::S3::Bucket").create(asked)

"""Events that reach targets, and those that do not."""

import io
import json
import time
from functools import partial

import pytest
from botocore.exceptions import ClientError

from slipway.cloud.eventbridge import matching
from slipway.cloud.serving import assemble

ACCOUNT, REGION = "123456789012", "us-east-1"


def wait(find, timeout=15):
    end = time.monotonic() + timeout
    while not (found := find()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.02)
    return found


class Bench:
    """Queues, topics and rules of one test."""

    def __init__(self, cloud, name):
        self.cloud, self.name = cloud, name
        self.events, self.sqs, self.sns = map(cloud.client, ("events", "sqs", "sns"))

    def queue(self, name, allowed="events.amazonaws.com", **attributes):
        name = f"{self.name}-{name}"
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        if allowed:
            attributes["Policy"] = policy(arn, "sqs:SendMessage", allowed)
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return arn

    def rule(self, targets, name="r", bus="default", **rule):
        name = f"{self.name}-{name}"
        rule = rule or {"EventPattern": json.dumps({"source": [self.name]})}
        self.events.put_rule(Name=name, EventBusName=bus, **rule)
        listed = [{"Id": str(n), **target} for n, target in enumerate(targets)]
        self.events.put_targets(Rule=name, EventBusName=bus, Targets=listed)
        return name

    def put(self, detail=None, kind="thing", bus="default", source=None):
        entry = {"Source": source or self.name, "DetailType": kind, "EventBusName": bus}
        (answer,) = self.events.put_events(Entries=[{**entry, "Detail": json.dumps(detail or {})}])[
            "Entries"
        ]
        return answer

    def take(self, arn, count=1):
        url = f"{self.cloud.endpoint}/{ACCOUNT}/{arn.rpartition(':')[2]}"
        messages = []

        def more():
            found = self.sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
            ).get("Messages", [])
            messages.extend(found)
            return len(messages) >= count

        wait(more)
        return messages

    def empty(self, arn):
        url = f"{self.cloud.endpoint}/{ACCOUNT}/{arn.rpartition(':')[2]}"
        return "Messages" not in self.sqs.receive_message(QueueUrl=url)


def policy(arn, action, service):
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": arn,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


@pytest.fixture
def bench(cloud, request):
    return Bench(cloud, "events-" + request.node.name[5:45].strip("_").replace("_", "-"))


def test_an_event_reaches_queues_topics_and_logs(bench, cloud):
    queue, fifo = (
        bench.queue("q"),
        bench.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true"),
    )
    topic = bench.sns.create_topic(Name=bench.name)["TopicArn"]
    bench.sns.set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=policy(topic, "sns:Publish", "events.amazonaws.com"),
    )
    told = bench.queue("told", "sns.amazonaws.com")
    bench.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=told)
    logs = cloud.client("logs")
    group = f"/aws/events/{bench.name}"
    logs.create_log_group(logGroupName=group)
    logs.put_resource_policy(
        policyName=bench.name, policyDocument=policy("*", "logs:*", "events.amazonaws.com")
    )
    bench.rule(
        [
            {"Arn": queue},
            {"Arn": fifo, "SqsParameters": {"MessageGroupId": "g"}, "InputPath": "$.detail"},
            {"Arn": topic, "Input": '"hello"'},
            {"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"},
        ]
    )
    id_ = bench.put({"n": 1})["EventId"]
    (message,) = bench.take(queue)
    event = json.loads(message["Body"])
    assert (event["id"], event["detail"], event["source"]) == (id_, {"n": 1}, bench.name)
    assert set(event) == {
        *(
            "version",
            "id",
            "detail-type",
            "source",
            "account",
            "time",
            "region",
            "resources",
            "detail",
        )
    }
    (message,) = bench.take(fifo)
    assert (message["Body"], message["Attributes"]["MessageGroupId"]) == ('{"n":1}', "g")
    assert json.loads(bench.take(told)[0]["Body"])["Message"] == '"hello"'

    def written():
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
        return (
            streams
            and logs.get_log_events(logGroupName=group, logStreamName=streams[0]["logStreamName"])[
                "events"
            ]
        )

    assert json.loads(wait(written)[0]["message"])["id"] == id_


def test_what_a_policy_does_not_allow_goes_to_the_dead_letters(bench):
    queue, letters = bench.queue("q", allowed=None), bench.queue("dlq")
    gone = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{bench.name}-gone"
    name = bench.rule([{"Arn": arn, "DeadLetterConfig": {"Arn": letters}} for arn in (queue, gone)])
    bench.put({"n": 1})
    messages = bench.take(letters, 2)
    codes = {}
    for message in messages:
        assert json.loads(message["Body"])["detail"] == {"n": 1}
        about = {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}
        codes[about["TARGET_ARN"]] = about["ERROR_CODE"]
        assert about["RULE_ARN"] == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"
        assert about["RETRY_ATTEMPTS"] == "0"
    assert codes == {queue: "NO_PERMISSIONS", gone: "NO_RESOURCE"}
    assert bench.empty(queue)
    metrics = bench.cloud.client("cloudwatch")

    def counted(metric):
        found = metrics.get_metric_statistics(
            Namespace="AWS/Events", MetricName=metric, Dimensions=[{"Name": "RuleName", "Value": name}],
            StartTime=time.time() - 600, EndTime=time.time() + 60, Period=3600, Statistics=["Sum"],
        )["Datapoints"]  # fmt: skip
        return sum(point["Sum"] for point in found)

    wait(lambda: counted("FailedInvocations") == counted("InvocationsSentToDlq") == 2)
    assert counted("TriggeredRules") == 1


def test_events_of_services_match_and_other_buses_are_reached(bench, cloud):
    queue = bench.queue("q")
    bus = bench.events.create_event_bus(Name=bench.name)["EventBusArn"]
    bench.rule([{"Arn": bus}], EventPattern=json.dumps(
        {"source": ["aws.sagemaker"], "detail": {"ModelName": [{"prefix": bench.name}]}}
    ))  # fmt: skip
    bench.rule([{"Arn": queue}], "far", bench.name, EventPattern='{"source": ["aws.sagemaker"]}')
    model = cloud.client("sagemaker").create_model(
        ModelName=f"{bench.name}-m", PrimaryContainer={"Image": "python:3.11"}
    )["ModelArn"]
    event = json.loads(bench.take(queue)[0]["Body"])
    assert event["resources"] == [model]
    assert event["detail-type"] == "SageMaker Model State Change"
    with pytest.raises(ClientError, match="it has rules"):
        bench.events.delete_event_bus(Name=bench.name)


def test_objects_of_a_bucket_that_tells_eventbridge(bench, cloud):
    queue, s3 = bench.queue("q"), cloud.client("s3")
    s3.create_bucket(Bucket=bench.name)
    bench.rule([{"Arn": queue}], EventPattern=json.dumps({
        "source": ["aws.s3"], "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bench.name]}, "object": {"key": [{"prefix": "raw/"}]}},
    }))  # fmt: skip
    s3.put_object(Bucket=bench.name, Key="raw/untold", Body=b"x")
    s3.put_bucket_notification_configuration(
        Bucket=bench.name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    s3.put_object(Bucket=bench.name, Key="other/x", Body=b"x")
    s3.put_object(Bucket=bench.name, Key="raw/tsv/a.tsv", Body=b"12345")
    (message,) = bench.take(queue)
    event = json.loads(message["Body"])
    assert event["detail"]["object"]["key"] == "raw/tsv/a.tsv"
    assert event["detail"]["object"]["size"] == 5
    assert event["resources"] == [f"arn:aws:s3:::{bench.name}"]
    assert bench.empty(queue)


def role(cloud, name, service="events.amazonaws.com"):
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return cloud.client("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]


def test_a_pipeline_is_started_as_a_role_with_values_of_the_event(bench, cloud):
    sagemaker, letters = cloud.client("sagemaker"), bench.queue("dlq")
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Key", "Type": "String", "DefaultValue": "none"}],
        "Steps": [{"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}],
    }
    pipeline = sagemaker.create_pipeline(
        PipelineName=bench.name[:60], RoleArn=role(cloud, bench.name[:60]),
        PipelineDefinition=json.dumps(definition), ClientRequestToken=bench.name.ljust(32, "x"),
    )["PipelineArn"]  # fmt: skip
    other = role(cloud, f"{bench.name[:50]}-other", "lambda.amazonaws.com")
    listed = [{"Name": "Key", "Value": "$.detail.key"}]
    bench.rule(
        [
            {"Arn": pipeline, "RoleArn": arn, "DeadLetterConfig": {"Arn": letters},
             "SageMakerPipelineParameters": {"PipelineParameterList": listed}}
            for arn in (f"arn:aws:iam::{ACCOUNT}:role/{bench.name[:60]}", other)
        ]
    )  # fmt: skip
    bench.put({"key": "raw/tsv/"})
    executions = wait(
        lambda: sagemaker.list_pipeline_executions(PipelineName=bench.name[:60])[
            "PipelineExecutionSummaries"
        ]
    )
    arn = executions[0]["PipelineExecutionArn"]
    found = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert found["PipelineParameters"] == [{"Name": "Key", "Value": "raw/tsv/"}]
    (letter,) = bench.take(letters)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "FAILED_TO_ASSUME_ROLE"
    assert len(executions) == 1


def test_nothing_is_lost_between_a_change_and_its_delivery(own_cloud):
    bench = Bench(own_cloud, "killed")
    queue, s3 = bench.queue("q"), own_cloud.client("s3")
    bench.rule([{"Arn": queue}], EventPattern='{"source": ["aws.s3"]}')
    s3.create_bucket(Bucket="killed")
    s3.put_bucket_notification_configuration(
        Bucket="killed", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    own_cloud.kill()
    # A cloud that writes its changes and is gone before it sends anything
    cloud = assemble(own_cloud.home, own_cloud.endpoint)
    cloud.events.keep(partial(matching.keep, cloud))
    for n in range(20):
        cloud.objects.write("killed", f"k{n}", io.BytesIO(b"x"))
    with pytest.raises(KeyError), cloud.state.transaction():
        cloud.objects.write("killed", "rolled back", io.BytesIO(b"x"))
        raise KeyError
    cloud.state.close()
    own_cloud.start()
    messages = Bench(own_cloud, "killed").take(queue, 20)
    keys = [json.loads(message["Body"])["detail"]["object"]["key"] for message in messages]
    assert sorted(keys) == sorted(f"k{n}" for n in range(20))
    assert bench.empty(queue)

"""Where the local Scheduler does less than AWS, and what acts without being shown."""

from slipway.cloud.coverage import Coverage

ELSEWHERE = "the local cloud has no such target, so Arn is refused before"
PARAMETERS = (
    *("EcsParameters", "KinesisParameters", "EventBridgePutEventsV2Parameters"),
    "EventBridgePutRawEventsParameters",
)
TOKEN = {"ClientToken": "the same request twice makes one"}
SCHEDULE = Coverage(
    refused={f"Target.{name}": ELSEWHERE for name in PARAMETERS},
    not_honored={"KmsKeyArn": "nothing is encrypted at rest on this machine"},
    limited={
        "Target.Arn": "Lambda functions, SQS queues, SNS topics, SageMaker pipelines, event buses, API operations"
    },
    behaves=TOKEN,
)
COVERAGE = {
    "CreateSchedule": SCHEDULE,
    "UpdateSchedule": SCHEDULE,
    "CreateScheduleGroup": Coverage(behaves=TOKEN | {"Tags": "shown by ListTagsForResource"}),
    "DeleteSchedule": Coverage(behaves=TOKEN | {"GroupName": "whose schedule it is"}),
    "DeleteScheduleGroup": Coverage(behaves=TOKEN),
    "GetSchedule": Coverage(behaves={"GroupName": "whose schedule it is"}),
    "ListSchedules": Coverage(behaves={"GroupName": "whose schedules", "State": "only such"}),
}

"""Where the local EventBridge does less than AWS, and what acts without being shown."""

from slipway.cloud.coverage import Coverage
from slipway.cloud.eventbridge import refused

ELSEWHERE = "the local cloud has no such target, so Arn is refused before"
PARAMETERS = (
    *("KinesisParameters", "RunCommandParameters", "EcsParameters", "BatchParameters"),
    *("HttpParameters", "RedshiftDataParameters", "AppSyncParameters"),
)
NOT_KEPT = {
    "KmsKeyIdentifier": "nothing is encrypted at rest on this machine",
    "DeadLetterConfig": "what cannot be delivered goes to the queue of the target",
    "LogConfig": "cloud.log has what is not delivered",
}
BUS = {"EventBusName": "on which bus"}
PAGED = BUS | {"Limit": "the size of a page"}
COVERAGE = refused.COVERAGE | {
    "PutRule": Coverage(
        behaves={"Tags": "shown by ListTagsForResource"},
        limited={
            "ScheduleExpression": "rate(…) and cron(…) on the default bus",
            "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS is ENABLED: there are no events of API calls",
        },
    ),
    "PutTargets": Coverage(
        behaves={"Rule": "whose targets"},
        refused={f"Targets[].{name}": ELSEWHERE for name in PARAMETERS},
        limited={
            "Targets[].Arn": "Lambda functions, SQS queues, SNS topics, SageMaker pipelines, log groups, event buses"
        },
    ),
    "PutEvents": Coverage(
        refused={"EndpointId": "there is one copy of a region, so no global endpoint"},
        not_honored={"Entries[].TraceHeader": "nothing is traced"},
        behaves={"Entries": "events on a bus"},
    ),
    "CreateEventBus": Coverage(
        refused={"EventSourceName": "there are no partners' event sources"},
        not_honored=NOT_KEPT,
        behaves={"Tags": "shown by ListTagsForResource"},
    ),
    "UpdateEventBus": Coverage(not_honored=NOT_KEPT),
    "PutPermission": Coverage(
        not_honored={"Condition": "there are no organizations; DescribeEventBus shows it"},
        behaves={
            "EventBusName": "whose policy it is",
            "Action": "shown by DescribeEventBus",
            "Principal": "shown by DescribeEventBus",
            "StatementId": "shown by DescribeEventBus",
            "Policy": "shown by DescribeEventBus",
        },
    ),
    "DescribeRule": Coverage(behaves=BUS),
    "EnableRule": Coverage(behaves=BUS),
    "DisableRule": Coverage(behaves=BUS),
    "RemovePermission": Coverage(
        behaves=BUS
        | {"StatementId": "which statement", "RemoveAllPermissions": "the policy is empty then"}
    ),
    "ListEventBuses": Coverage(behaves={"Limit": "the size of a page"}),
    "ListRules": Coverage(behaves=PAGED),
    "ListRuleNamesByTarget": Coverage(behaves=PAGED),
    "ListTargetsByRule": Coverage(behaves=PAGED),
    "RemoveTargets": Coverage(behaves=BUS | {"Force": "no rule is managed by a service"}),
    "DeleteRule": Coverage(behaves=BUS | {"Force": "no rule is managed by a service"}),
}

"""What the operations of CloudWatch do with their requests' members."""

from slipway.cloud.coverage import Coverage

ONE_ACCOUNT = "there is one account"
PAGE = {"MaxRecords": "the most that an answer holds", "NextToken": "the page after"}
ALARM = {
    "WarmUpConfiguration": "alarms are evaluated from the beginning",
    "ActionConfiguration": "tags are not sent to topics",
}
ACTS = "topics of SNS, Lambda functions and scaling policies are acted on, others refused"
ACTIONS = dict.fromkeys(("OKActions", "AlarmActions", "InsufficientDataActions"), ACTS)
MATH = "SEARCH, SELECT, ANOMALY_DETECTION_BAND and what else is not in docs/metrics.md is refused"

SHOWN = (
    *("ActionsEnabled", "AlarmDescription", "DatapointsToAlarm", "Dimensions", "ExtendedStatistic"),
    *("EvaluationWindow", "Metrics", "TreatMissingData", "Unit"),
)

COVERAGE = {
    "PutMetricData": Coverage(
        not_honored={
            "EntityMetricData[].Entity": "entities are not kept",
            "StrictEntityValidation": "entities are not kept",
        },
        behaves={
            "MetricData": "its points are read by GetMetricData",
            "EntityMetricData": "its points are kept as those of MetricData",
        },
    ),
    "GetMetricData": Coverage(
        limited={"MetricDataQueries[].Expression": MATH},
        not_honored={
            "MetricDataQueries[].AccountId": ONE_ACCOUNT,
            "LabelOptions": "labels are shown as they are, ${…} too",
        },
        behaves={
            "MetricDataQueries": "what is returned",
            "ScanBy": "the order of times",
            "MaxDatapoints": "the most that an answer holds",
            "NextToken": "the page after",
        },
    ),
    "GetMetricStatistics": Coverage(
        behaves={
            "Dimensions": "names the metric",
            "Statistics": "what is returned",
            "ExtendedStatistics": "what is returned",
            "Unit": "points of that unit alone",
        }
    ),
    "ListMetrics": Coverage(
        behaves={
            "Namespace": "metrics in it",
            "MetricName": "metrics of that name",
            "Dimensions": "metrics that have these",
            "RecentlyActive": "metrics with points in the last three hours",
            "IncludeLinkedAccounts": "shows the account of each metric",
            "OwningAccount": ONE_ACCOUNT,
            "NextToken": "the page after",
        }
    ),
    "PutMetricAlarm": Coverage(
        refused=ALARM
        | {
            "EvaluationCriteria": "there is no PromQL",
            "EvaluationInterval": "alarms are evaluated every 5 seconds",
            "EvaluationWindow.WallClockWindow": "windows slide",
            "ThresholdMetricId": "nothing learns what is normal",
        },
        limited={
            **ACTIONS,
            "EvaluationWindow": "windows slide",
            "ComparisonOperator": "those of anomaly detection are refused",
            "Metrics[].Expression": MATH,
        },
        not_honored={
            "EvaluateLowSampleCountPercentile": "percentiles are of all values, however few",
            "Metrics[].AccountId": ONE_ACCOUNT,
        },
        behaves=dict.fromkeys(SHOWN, "DescribeAlarms shows it")
        | {"Tags": "ListTagsForResource shows them"},
    ),
    "PutCompositeAlarm": Coverage(
        refused={
            "ActionConfiguration": ALARM["ActionConfiguration"],
            "ActionsSuppressor": "nothing suppresses actions",
            "ActionsSuppressorWaitPeriod": "nothing suppresses actions",
            "ActionsSuppressorExtensionPeriod": "nothing suppresses actions",
        },
        limited={**ACTIONS, "AlarmRule": "AT_LEAST is refused"},
        behaves={
            "ActionsEnabled": "DescribeAlarms shows it",
            "AlarmDescription": "DescribeAlarms shows it",
            "Tags": "ListTagsForResource shows them",
        },
    ),
    "DescribeAlarms": Coverage(
        behaves={
            "AlarmNames": "alarms of these names",
            "AlarmNamePrefix": "alarms whose names begin with it",
            "AlarmTypes": "alarms of these types",
            "ChildrenOfAlarmName": "alarms that its rule is about",
            "ParentsOfAlarmName": "composite alarms about it",
            "StateValue": "alarms in that state",
            "ActionPrefix": "alarms with such an action",
            **PAGE,
        },
    ),
    "DescribeAlarmsForMetric": Coverage(
        behaves={
            name: "alarms that look at the metric so"
            for name in ("Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit")
        }
    ),
    "DescribeAlarmHistory": Coverage(
        not_honored={"AlarmContributorId": "alarms have no contributors"},
        behaves={
            "AlarmName": "items about it",
            "AlarmTypes": "items about alarms of these types",
            "HistoryItemType": "items of that type",
            "StartDate": "items from then on",
            "EndDate": "items until then",
            "ScanBy": "the order of times",
            **PAGE,
        },
    ),
    "SetAlarmState": Coverage(behaves={"StateReasonData": "DescribeAlarms shows it"}),
}

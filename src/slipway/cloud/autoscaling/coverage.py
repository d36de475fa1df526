"""What the operations of Application Auto Scaling do with their requests' members."""

from slipway.cloud.coverage import Coverage

PAGE = {"MaxResults": "the most that an answer holds", "NextToken": "the page after"}
OF = {"ResourceId": "what belongs to it", "ScalableDimension": "what belongs to it"}
SHOWN = "the Describe operation shows it"

COVERAGE = {
    "RegisterScalableTarget": Coverage(
        not_honored={"RoleARN": "the local cloud asks no role for leave"},
        behaves={
            "MinCapacity": "a limit",
            "MaxCapacity": "a limit",
            "SuspendedState": "what is not done",
            "Tags": "ListTagsForResource shows them",
        },
    ),
    "PutScalingPolicy": Coverage(
        refused={"PredictiveScalingPolicyConfiguration": "nothing forecasts load"},
        limited={
            "PolicyType": "PredictiveScaling is refused",
            "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification": (
                "SageMakerVariantProvisionedConcurrencyUtilization is refused: no such metric is sent"
            ),
        },
        not_honored={
            "StepScalingPolicyConfiguration.MetricAggregationType": "the alarm's statistic counts",
            "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.ResourceLabel": (
                "SageMaker's metrics need none"
            ),
        },
        behaves={
            "PolicyType": SHOWN,
            "StepScalingPolicyConfiguration": "how the capacity changes",
            "TargetTrackingScalingPolicyConfiguration": "how the capacity changes",
        },
    ),
    "PutScheduledAction": Coverage(
        behaves={
            name: "when the limits change, and to what"
            for name in ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")
        }
    ),
    "DescribeScalableTargets": Coverage(
        behaves={"ResourceIds": "these targets", "ScalableDimension": "targets of it", **PAGE}
    ),
    "DescribeScalingPolicies": Coverage(behaves={"PolicyNames": "these policies", **OF, **PAGE}),
    "DescribeScheduledActions": Coverage(
        behaves={"ScheduledActionNames": "these actions", **OF, **PAGE}
    ),
    "DescribeScalingActivities": Coverage(
        limited={"ServiceNamespace": "sagemaker alone; of others nothing is scaled"},
        behaves={"IncludeNotScaledActivities": "also when nothing was done, and why", **OF, **PAGE},
    ),
}

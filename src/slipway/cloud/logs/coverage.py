"""What the operations of CloudWatch Logs do with their requests' members."""

from slipway.cloud.coverage import Coverage

ONE_ACCOUNT = "there is one account"
OLD = "it has no effect on AWS either"
UNMASKED = "nothing is masked"
GROUP = {"logGroupIdentifier": "names the group, as logGroupName does"}
TIMES = {"startTime": "events from then on", "endTime": "events before then"}
STREAMS = {"logStreamNamePrefix": "streams that begin with it"}
LIMIT = {"limit": "the most that an answer holds"}

COVERAGE = {
    "DescribeLogGroups": Coverage(
        not_honored={"accountIdentifiers": ONE_ACCOUNT, "includeLinkedAccounts": ONE_ACCOUNT},
        behaves={
            "logGroupNamePrefix": "groups that begin with it",
            "logGroupNamePattern": "groups that hold it",
            "logGroupIdentifiers": "groups of these names or ARNs",
            "logGroupClass": "every group is STANDARD",
            **LIMIT,
        },
    ),
    "DescribeLogStreams": Coverage(
        behaves={
            **GROUP,
            **STREAMS,
            **LIMIT,
            "orderBy": "the name, or the last event's time",
            "descending": "turns the order round",
        }
    ),
    "GetLogEvents": Coverage(
        not_honored={"unmask": UNMASKED},
        behaves={**GROUP, **TIMES, **LIMIT, "startFromHead": "the oldest events first"},
    ),
    "FilterLogEvents": Coverage(
        not_honored={
            "interleaved": OLD,
            "unmask": UNMASKED,
            "startFromHead": "the oldest events always come first",
        },
        behaves={
            **GROUP,
            **STREAMS,
            **TIMES,
            **LIMIT,
            "filterPattern": "events that match it",
            "logStreamNames": "these streams",
        },
    ),
}

"""AWS::Scheduler: schedules and their groups."""

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import by_name

ARN = "=arn:aws:scheduler:{region}:{account}:schedule-group/{id}"
ALL = (
    Declared(
        "AWS::Scheduler::Schedule",
        "scheduler",
        create="CreateSchedule",
        update="UpdateSchedule",
        delete="DeleteSchedule",
        read="GetSchedule",
        named="Name",
        keys={"Name": "@", "GroupName": "GroupName"},
        attributes={"Arn": "Arn"},
        tags="",
        replacing=frozenset({"Name"}),
    ),
    Declared(
        "AWS::Scheduler::ScheduleGroup",
        "scheduler",
        create="CreateScheduleGroup",
        delete="DeleteScheduleGroup",
        read="GetScheduleGroup",
        named="Name",
        keys={"Name": "@"},
        attributes={
            "Arn": "Arn",
            "State": "State",
            "CreationDate": "CreationDate",
            "LastModificationDate": "LastModificationDate",
        },
        tagging=("TagResource", "UntagResource", {"ResourceArn": ARN}),
        replacing=frozenset({"Name"}),
    ),
)
TYPES = by_name(*ALL)

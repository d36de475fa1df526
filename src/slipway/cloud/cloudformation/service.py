"""The operations of CloudFormation. All are Slipway's: what it does not have is refused by name."""

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudformation import change_sets, conductor, lists, stacks, templates
from slipway.cloud.cloudformation.coverage import COVERAGE
from slipway.cloud.hosting import background
from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {
    "CancelUpdateStack": stacks.cancel_update,
    "ContinueUpdateRollback": stacks.continue_rollback,
    "CreateChangeSet": change_sets.create,
    "CreateStack": stacks.create,
    "DeleteChangeSet": change_sets.remove,
    "DeleteStack": stacks.delete,
    "DescribeChangeSet": change_sets.show,
    "DescribeEvents": lists.describe_operation_events,
    "DescribeStackEvents": lists.describe_events,
    "DescribeStackResource": lists.describe_resource,
    "DescribeStackResources": lists.describe_resources,
    "DescribeStacks": lists.describe_stacks,
    "ExecuteChangeSet": change_sets.execute,
    "GetTemplate": templates.get,
    "GetTemplateSummary": templates.summarize,
    "ListChangeSets": change_sets.listed,
    "ListExports": lists.list_exports,
    "ListImports": lists.list_imports,
    "ListStackResources": lists.list_resources,
    "ListStacks": lists.list_stacks,
    "RollbackStack": stacks.roll_back,
    "UpdateStack": stacks.update,
    "UpdateTerminationProtection": stacks.protect,
    "ValidateTemplate": templates.validate,
}


def start(cloud: Cloud) -> None:
    """Go on with the operations that the last process left in progress."""
    background.reopen(cloud)
    conductor.take_up(cloud)


def stop(cloud: Cloud) -> None:
    """Begin nothing more; the next process goes on."""
    background.join(background.close(cloud))


SERVICE = Service(
    "cloudformation",
    OPERATIONS,
    COVERAGE,
    start,
    stop,
    invalid="ValidationError",
    ground=False,
)

"""What the operations of CloudFormation do with their requests' members."""

from slipway.cloud.cloudformation.wanted import LIMITED
from slipway.cloud.coverage import Coverage

POLICY = {name: "there are no stack policies" for name in ("StackPolicyBody", "StackPolicyURL")}
SOME = {name: f"{why}; an empty one is taken" for name, why in LIMITED.items()}
NOTHING_TAKEN = "stacks take nothing in that they did not make"
TEMPLATE = {"TemplateBody": "the template", "TemplateURL": "the template"}
TOKEN = {"ClientRequestToken": "the events show it"}
NEW = {"RetainExceptOnCreate": "what is new is removed when the operation is rolled back"}
ROLLBACK = {"DisableRollback": "nothing is rolled back"}
ROLE = {"RoleARN": "whose credentials are used"}
EXPRESS = {"DeploymentConfig": "every operation goes on until its resources are stable"}
CHECKED = {"DisableValidation": "the same checks are made"}
DURING = {
    f"StackPolicyDuringUpdate{form}": "there are no stack policies" for form in ("Body", "URL")
}
PAGE = {"NextToken": "the page after"}

COVERAGE = {
    "CreateStack": Coverage(
        limited=SOME,
        refused=POLICY,
        not_honored=EXPRESS | CHECKED,
        behaves=TEMPLATE
        | TOKEN
        | NEW
        | ROLLBACK
        | {"OnFailure": "what happens when a resource fails"},
    ),
    "UpdateStack": Coverage(
        limited=SOME,
        refused=POLICY | DURING,
        not_honored=EXPRESS | CHECKED,
        behaves=TEMPLATE | TOKEN | NEW | ROLLBACK | {"UsePreviousTemplate": "the template"},
    ),
    "CreateChangeSet": Coverage(
        limited=SOME
        | {
            "ChangeSetType": f"IMPORT: {NOTHING_TAKEN}",
            "DeploymentMode": "REVERT_DRIFT: drift is not looked for",
        },
        refused={"ResourcesToImport": NOTHING_TAKEN},
        not_honored=EXPRESS
        | CHECKED
        | {
            "ImportExistingResources": "one that is there already fails the stack",
            "IncludeNestedStacks": "the changes of the stack itself are shown",
        },
        behaves=TEMPLATE
        | ROLE
        | {"UsePreviousTemplate": "the template", "ClientToken": "the same is made once"},
    ),
    "ExecuteChangeSet": Coverage(behaves=TOKEN | NEW | ROLLBACK),
    "DeleteStack": Coverage(
        refused={"DeletionMode": "a resource that cannot be removed stays in the stack"},
        not_honored=EXPRESS,
        behaves=TOKEN | ROLE | {"RetainResources": "these stay"},
    ),
    "RollbackStack": Coverage(not_honored=EXPRESS, behaves=TOKEN | ROLE | NEW),
    "ContinueUpdateRollback": Coverage(
        behaves=TOKEN | ROLE | {"ResourcesToSkip": "these are left as they are"}
    ),
    "CancelUpdateStack": Coverage(not_honored={"ClientRequestToken": "the update's own is shown"}),
    "GetTemplateSummary": Coverage(
        refused={"StackSetName": "there are no stack sets"},
        not_honored={"TemplateSummaryConfig": "a template with an unknown type is refused later"},
        behaves={name: "what is read" for name in TEMPLATE},
    ),
    "DescribeEvents": Coverage(
        behaves={
            "ChangeSetName": "a change set is checked at once: it has no events",
            "OperationId": "its events",
            "Filters": "the events of resources that failed",
        }
        | PAGE
    ),
    "DescribeChangeSet": Coverage(behaves={"IncludePropertyValues": "also the values"} | PAGE),
    "ListStacks": Coverage(behaves={"StackStatusFilter": "stacks in these states"} | PAGE),
    "ListChangeSets": Coverage(behaves=PAGE),
}

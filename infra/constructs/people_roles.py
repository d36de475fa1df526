"""The roles of people and of the pipeline that acts for them: who may start, who may approve."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.bucket import allow_outside_vpc
from infra.constructs.job_roles import PIPELINE, encrypts, reads
from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack
from infra.stacks.lake import Lake

# Jobs of a pipeline's steps are named by SageMaker: pipelines-<execution>-<step>-<token>.
STEP_JOB = "pipelines-*"
JOB_KINDS = {"training-job": "TrainingJob", "processing-job": "ProcessingJob"}


@dataclass(frozen=True)
class Names:
    """What the platform's roles are about."""

    pipeline: str
    group: str

    def pipeline_arn(self, stack: PlatformStack) -> str:
        """Return the pipeline's ARN."""
        return arn(stack, "pipeline", self.pipeline)

    def executions_arn(self, stack: PlatformStack) -> str:
        """Return the pattern of its executions' ARNs."""
        return f"{self.pipeline_arn(stack)}/execution/*"

    def packages_arns(self, stack: PlatformStack) -> list[str]:
        """Return the ARN of the group, and the pattern of its versions'."""
        return [
            arn(stack, "model-package-group", self.group),
            arn(stack, "model-package", f"{self.group}/*"),
        ]


def arn(stack: PlatformStack, kind: str, name: str) -> str:
    """Return the ARN of a thing of SageMaker's in this account."""
    return str(stack.format_arn(service="sagemaker", resource=kind, resource_name=name))


def pipeline(stack: PlatformStack, lake: Lake, names: Names, jobs: Sequence[iam.Role]) -> TaskRole:
    """Return the role of the pipeline's executions: they make jobs, and register what waits for approval."""
    role = TaskRole(
        stack,
        "PipelineRole",
        assumed_by=acting(stack, "sagemaker"),
        description="Executions of the pipeline",
        kind="pipeline",
        statements=[
            makes_jobs(stack, STEP_JOB),
            passes(jobs),
            Allow(
                "RegisterVersions",
                ["sagemaker:CreateModelPackage"],
                names.packages_arns(stack),
                {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
                why="each version has a number of its own",
            ),
            Allow(
                "FindVersions",
                ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"],
                names.packages_arns(stack),
                why="each version has a number of its own",
            ),
            # The condition reads a report; registering looks for the model and its figures.
            *reads({lake.artifacts: (f"{PIPELINE}/",)}),
            *encrypts(lake),
        ],
    )
    allow_outside_vpc(role)  # SageMaker reads property files itself, not from the VPC
    return role


def scientist(stack: PlatformStack, lake: Lake, names: Names, jobs: Sequence[iam.Role]) -> TaskRole:
    """Return the role of data scientists: they start and inspect, try things out, and approve nothing."""
    role = TaskRole(
        stack,
        "ScientistRole",
        assumed_by=person(stack),
        description="Data scientists",
        kind="scientist",
        statements=[
            Allow(
                "StartExecutions",
                [
                    "sagemaker:DescribePipeline",
                    "sagemaker:ListPipelineExecutions",
                    "sagemaker:StartPipelineExecution",
                ],
                [names.pipeline_arn(stack)],
            ),
            Allow(
                "FollowExecutions",
                [
                    "sagemaker:DescribePipelineDefinitionForExecution",
                    "sagemaker:DescribePipelineExecution",
                    "sagemaker:ListPipelineExecutionSteps",
                    "sagemaker:ListPipelineParametersForExecution",
                    "sagemaker:RetryPipelineExecution",
                    "sagemaker:StopPipelineExecution",
                ],
                [names.executions_arn(stack)],
                why="executions have ids that SageMaker makes",
            ),
            makes_jobs(stack, f"{stack.settings.application}-*"),
            looks_at_jobs(stack),
            passes(jobs),
            *registry(stack, names),
            *reads({lake.features: (f"{PIPELINE}/",), lake.artifacts: (f"{PIPELINE}/",)}),
            Allow("DecryptFiles", ["kms:Decrypt"], [lake.key.key_arn]),
            reads_logs(stack, "/aws/sagemaker/*"),
        ],
    )
    deny(
        role,
        "NeverApprove",
        ["sagemaker:UpdateModelPackage"],
        names.packages_arns(stack),
    )
    name_in_studio(role)
    return role


def ops(stack: PlatformStack, lake: Lake, names: Names, endpoints: Sequence[str]) -> TaskRole:
    """Return the role of operations: they read evidence, decide, and watch; raw data is none of theirs."""
    role = TaskRole(
        stack,
        "OpsRole",
        assumed_by=person(stack),
        description="Operations: approve, watch, repair",
        kind="ops",
        statements=[
            Allow(
                "Decide",
                ["sagemaker:UpdateModelPackage"],
                names.packages_arns(stack),
                why="each version has a number of its own",
            ),
            *registry(stack, names),
            Allow(
                "WatchEndpoints",
                [
                    "sagemaker:DescribeEndpoint",
                    "sagemaker:InvokeEndpoint",
                    "sagemaker:ListTags",
                ],
                [arn(stack, "endpoint", name) for name in endpoints],
            ),
            Allow(
                "LookAtModels",
                ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
                [
                    arn(stack, kind, f"{name}-*")
                    for kind in ("endpoint-config", "model")
                    for name in endpoints
                ],
                why="each release has a name of its own",
            ),
            Allow(
                "FollowExecutions",
                [
                    "sagemaker:DescribePipelineExecution",
                    "sagemaker:ListPipelineExecutionSteps",
                    "sagemaker:ListPipelineParametersForExecution",
                    "sagemaker:RetryPipelineExecution",
                    "sagemaker:StopPipelineExecution",
                ],
                [names.executions_arn(stack)],
                why="executions have ids that SageMaker makes",
            ),
            Allow(
                "ListExecutions",
                ["sagemaker:DescribePipeline", "sagemaker:ListPipelineExecutions"],
                [names.pipeline_arn(stack)],
            ),
            Allow(
                "WatchAlarms",
                [
                    "cloudwatch:DescribeAlarmHistory",
                    "cloudwatch:DescribeAlarms",
                    "cloudwatch:GetDashboard",
                    "cloudwatch:GetMetricData",
                    "cloudwatch:GetMetricStatistics",
                    "cloudwatch:ListMetrics",
                ],
                ["*"],
                why="metrics have no ARN, and alarms are described by their names",
            ),
            # Figures and reports, for `slipway models`.
            *reads({lake.artifacts: (f"{PIPELINE}/",)}),
            *repairs(stack),
            Allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [lake.key.key_arn]),
        ],
    )
    deny(
        role,
        "NoRawData",
        ["s3:GetObject", "s3:GetObjectVersion"],
        [lake.raw.arn_for_objects("*"), lake.curated.arn_for_objects("*")],
    )
    name_in_studio(role)
    return role


def person(stack: PlatformStack) -> iam.IPrincipal:
    """Return who takes a person's role: whoever the account lets, and Studio for its profiles."""
    account = iam.AccountPrincipal(stack.account)
    return iam.CompositePrincipal(account, acting(stack, "sagemaker"))


def name_in_studio(role: TaskRole) -> None:
    """Let Studio say whose profile it is: the trail then names the person, not only the role."""
    role.assume_role_policy.add_statements(
        iam.PolicyStatement(
            sid="NameOfTheProfile",
            principals=[iam.ServicePrincipal("sagemaker.amazonaws.com")],
            actions=["sts:SetSourceIdentity"],
        )
    )


def makes_jobs(stack: PlatformStack, names: str) -> Allow:
    """Return what lets a role make, describe and stop jobs of some names."""
    actions = [
        f"sagemaker:{verb}{kind}"
        for kind in JOB_KINDS.values()
        for verb in ("Create", "Describe", "Stop")
    ]
    return Allow(
        "MakeJobs",
        [*actions, "sagemaker:AddTags", "sagemaker:ListTags"],
        [arn(stack, kind, names) for kind in JOB_KINDS],
        why="jobs are named when they are made",
    )


def looks_at_jobs(stack: PlatformStack) -> Allow:
    """Return what lets a role describe the jobs of the pipeline's steps."""
    return Allow(
        "LookAtJobs",
        [f"sagemaker:Describe{kind}" for kind in JOB_KINDS.values()],
        [arn(stack, kind, STEP_JOB) for kind in JOB_KINDS],
        why="jobs are named when they are made",
    )


def passes(roles: Sequence[iam.Role]) -> Allow:
    """Return what lets a role hand roles to SageMaker, and to no other service."""
    return Allow(
        "PassRoles",
        ["iam:PassRole"],
        [role.role_arn for role in roles],
        {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    )


def registry(stack: PlatformStack, names: Names) -> list[Allow]:
    """Return what lets a role read the model registry, and list what SageMaker has."""
    return [
        Allow(
            "ReadRegistry",
            [
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListModelPackages",
            ],
            names.packages_arns(stack),
            why="each version has a number of its own",
        ),
        Allow(
            "List",
            [
                "sagemaker:ListEndpointConfigs",
                "sagemaker:ListEndpoints",
                "sagemaker:ListModelPackageGroups",
                "sagemaker:ListModelPackages",
                "sagemaker:ListModels",
                "sagemaker:ListPipelines",
                "sagemaker:ListProcessingJobs",
                "sagemaker:ListTrainingJobs",
            ],
            ["*"],
            why="SageMaker knows no resource for these actions",
        ),
    ]


def reads_logs(stack: PlatformStack, *groups: str) -> Allow:
    """Return what lets a role read log groups, given as patterns of their names."""
    place = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:"
    return Allow(
        "ReadLogs",
        ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
        [f"{place}{group}" for group in groups],
        why="each job, endpoint and function has a group or streams of its own",
    )


def repairs(stack: PlatformStack) -> list[Allow]:
    """Return what the runbooks ask for: logs, and dead letters that are read, moved back or deleted."""

    def queues(names: str) -> str:
        named = f"{stack.settings.prefix}-{names}"  # by CloudFormation, after their stacks
        return str(stack.format_arn(service="sqs", resource=named))

    return [
        reads_logs(stack, "/aws/sagemaker/*", f"/{stack.settings.prefix}/functions/*"),
        Allow("FindQueues", ["sqs:ListQueues"], ["*"], why="SQS knows no resource for this action"),
        Allow(
            "DeadLetters",
            [
                "sqs:CancelMessageMoveTask",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ListMessageMoveTasks",
                "sqs:ReceiveMessage",
                "sqs:StartMessageMoveTask",
            ],
            [queues("*DeadLetters*"), queues("*Failures*")],
            why="CloudFormation ends the names of queues with letters of its own",
        ),
        Allow(
            "MoveBack",
            ["sqs:SendMessage"],
            [queues("*Queue*")],
            why="CloudFormation ends the names of queues with letters of its own",
        ),
    ]


def deny(role: TaskRole, sid: str, actions: Sequence[str], resources: Sequence[str]) -> None:
    """Deny a role something, whatever else it is ever given."""
    assert role.policy is not None  # noqa: S101 - it has statements
    role.policy.add_statements(
        iam.PolicyStatement(
            sid=sid, effect=iam.Effect.DENY, actions=list(actions), resources=list(resources)
        )
    )

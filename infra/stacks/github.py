"""Who may deploy from GitHub: roles for its workflows, taken with a token that lives minutes. No keys."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole
from infra.constructs.stack import PlatformStack
from infra.settings.model import Github as GithubSettings
from infra.settings.model import Settings

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


class Github(PlatformStack):
    """The OIDC provider, a role that deploys after approval, and a role that only compares."""

    def __init__(self, scope: Construct, settings: Settings, github: GithubSettings) -> None:
        super().__init__(scope, "github", settings, "Roles of the repository's workflows")
        self._repository = f"repo:{github.repository}"
        provider = self.format_arn(
            service="iam", region="", resource="oidc-provider", resource_name=ISSUER
        )
        if github.creates_provider:
            provider = iam.CfnOIDCProvider(
                self, "Provider", url=f"https://{ISSUER}", client_id_list=[AUDIENCE]
            ).attr_arn
        self._provider = provider
        # Only a job of the environment, which GitHub starts when its reviewers have approved.
        deployer = self._role(
            "DeployRole",
            "Deploys with the CDK's own roles",
            f"environment:{settings.environment}",
            ("deploy", "file-publishing", "lookup"),
        )
        deployer.allow(
            Allow(
                "StartPipeline",
                ["sagemaker:DescribePipelineExecution", "sagemaker:StartPipelineExecution"],
                [
                    self.format_arn(
                        service="sagemaker",
                        resource="pipeline",
                        resource_name=f"{settings.prefix}-*",
                    )
                ],
                why="executions have ids of their own below the environment's pipelines",
            ),
            Allow(
                "ReadOutputs",
                ["cloudformation:DescribeStacks"],
                [
                    self.format_arn(
                        service="cloudformation",
                        resource="stack",
                        resource_name=f"{settings.prefix}-*",
                    )
                ],
                why="stacks have ids of their own below the environment's names",
            ),
        )
        comparer = self._role(
            "DiffRole", "Compares a pull request with what is deployed", "pull_request", ("lookup",)
        )
        self.output("DeployRoleArn", deployer.role_arn, "Variable DEPLOY_ROLE of the environment")
        self.output("DiffRoleArn", comparer.role_arn, "Variable DIFF_ROLE of the repository")

    def _role(
        self, name: str, description: str, subject: str, bootstrap: tuple[str, ...]
    ) -> TaskRole:
        """Return a role that a workflow's subject assumes, and with it the CDK's own roles."""
        return TaskRole(
            self,
            name,
            assumed_by=iam.WebIdentityPrincipal(
                self._provider,
                {
                    "StringEquals": {
                        f"{ISSUER}:aud": AUDIENCE,
                        f"{ISSUER}:sub": f"{self._repository}:{subject}",
                    }
                },
            ),
            description=description,
            statements=[
                Allow(
                    "AssumeRolesOfTheCdk",
                    ["sts:AssumeRole"],
                    [
                        self.format_arn(
                            service="iam",
                            region="",
                            resource="role",
                            resource_name=f"cdk-hnb659fds-{kind}-role-{self.account}-{self.region}",
                        )
                        for kind in bootstrap
                    ],
                )
            ],
        )

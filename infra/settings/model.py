"""What can be set for an environment. Every key says what it does; defaults suit a small team."""

from dataclasses import dataclass, field

from infra.settings.machine_learning import Delivery, Ml, Operations, Triggers

# What jobs and functions call from subnets that have no way to the internet. Each costs money by the
# hour and availability zone, so an environment may name fewer.
INTERFACE_ENDPOINTS = (
    "athena",
    "ecr.api",
    "ecr.dkr",
    "events",
    "glue",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "redshift-data",
    "redshift-serverless",
    "sagemaker.api",
    "sagemaker.featurestore-runtime",
    "sagemaker.runtime",
    "secretsmanager",
    "sns",
    "sqs",
    "states",
    "sts",
)


@dataclass(frozen=True)
class Network:
    """The network that jobs, functions, warehouse and Studio live in."""

    # Addresses of the VPC; a /16 leaves room for 16 subnets of 4 091 jobs' interfaces each.
    cidr: str = "10.20.0.0/16"
    # Availability zones in use, one isolated subnet in each: at least 2, and 3 with a warehouse.
    availability_zones: int = 3
    # In how many of them each interface endpoint stands; one is enough where an outage may wait.
    endpoint_zones: int = 2
    # NAT gateways, 0 for no way to the internet at all. Each needs a public subnet and costs by the hour.
    nat_gateways: int = 0
    # AWS services with an interface endpoint, by the end of their service name.
    interface_endpoints: tuple[str, ...] = INTERFACE_ENDPOINTS
    # S3's managed prefix list in the region: `aws ec2 describe-managed-prefix-lists`. us-east-1's here.
    s3_prefix_list: str = "pl-63a5400a"
    # DynamoDB's managed prefix list in the region. us-east-1's here.
    dynamodb_prefix_list: str = "pl-02cd2c6b"
    # AWS's own accounts whose container images jobs pull. us-east-1: deep learning, Spark, XGBoost, scikit-learn.
    image_accounts: tuple[str, ...] = ("763104351884", "173754725891", "683313688378")
    # Days that flow logs are kept.
    flow_log_days: int = 90


@dataclass(frozen=True)
class Team:
    """A team with an access point of its own to one folder of one bucket."""

    # Name of the access point's owner, a-z, 0-9 and -.
    name: str
    # Which bucket: raw, curated, features or artifacts.
    bucket: str
    # The folder, ending in /.
    prefix: str
    # Whose sessions may use it: values of the roles' tag `slipway:role`.
    roles: tuple[str, ...]
    # Whether the team may also write.
    writes: bool = False


@dataclass(frozen=True)
class Lake:
    """Buckets, catalog and queries."""

    # Folder of the raw bucket where new review files land. Only this folder starts pipelines.
    raw_prefix: str = "reviews/tsv/"
    # ARNs (patterns) of roles that may read and write data from outside the VPC, beside CDK's own.
    deployers: tuple[str, ...] = ()
    # Access points, one for each team.
    teams: tuple[Team, ...] = ()
    # Days until objects of the lake's buckets move to Intelligent-Tiering.
    tiering_days: int = 0
    # Days that a version is kept after it was replaced or deleted.
    noncurrent_days: int = 30
    # Days that audit and access logs are kept.
    log_days: int = 365
    # Days until results of Athena's queries are deleted.
    query_result_days: int = 30
    # Most bytes that a query may scan; Athena's least is 10 MB.
    scan_cutoff_bytes: int = 100 * 10**9
    # When the crawler looks for new columns and folders, in UTC.
    crawler_schedule: str = "cron(59 23 * * ? *)"


@dataclass(frozen=True)
class Warehouse:
    """Redshift Serverless."""

    # Name of the database.
    database: str = "reviews"
    # Redshift processing units while queries run: 8 to 512, in steps of 8.
    base_capacity: int = 8
    # Most that it may grow to.
    max_capacity: int = 32
    # Processing-unit hours a day after which queries are refused until the next day.
    daily_rpu_hours: int = 16
    # Days until the administrator's password is changed.
    rotation_days: int = 30


@dataclass(frozen=True)
class Studio:
    """SageMaker Studio."""

    # User profiles: name → whose role it works with (a value of the tag `slipway:role`).
    profiles: tuple[tuple[str, str], ...] = (("scientist", "scientist"), ("operations", "ops"))
    # Minutes without work after which a space's app is shut down, at least 60.
    idle_minutes: int = 120
    # Instance types that people may choose.
    instance_types: tuple[str, ...] = ("ml.t3.medium", "ml.t3.large", "ml.m5.large")


@dataclass(frozen=True)
class Github:
    """Deployment by the repository's workflows."""

    # The repository, `owner/name`.
    repository: str
    # Whether to make the account's OIDC provider; an account has one, so only its first environment.
    creates_provider: bool = True


@dataclass(frozen=True)
class Settings:
    """One environment. A section that is None is not deployed."""

    # dev, staging or prod: part of every stack's name.
    environment: str
    # Who answers for the costs and the alarms: a team's mail address. Tag `owner`.
    owner: str
    # Where the costs are booked. Tag `cost-center`.
    cost_center: str
    # How sensitive the data is: public, internal, confidential or restricted. Tag `data-classification`.
    data_classification: str = "confidential"
    # Name of the whole, first part of every name. Tag `application`.
    application: str = "slipway"
    # The AWS account, 12 digits; None takes the one that the credentials are of.
    account: str | None = None
    # The AWS region; None takes the one that the CLI is configured with.
    region: str | None = None
    # Whether data outlives the stacks, and stacks are protected from deletion.
    retain_data: bool = False
    # The network.
    network: Network = field(default_factory=Network)
    # Buckets, catalog and queries.
    lake: Lake = field(default_factory=Lake)
    # The warehouse; None for none.
    warehouse: Warehouse | None = field(default_factory=Warehouse)
    # SageMaker Studio; None for none (an account may have a domain already).
    studio: Studio | None = field(default_factory=Studio)
    # Jobs and models.
    ml: Ml = field(default_factory=Ml)
    # What starts the pipeline.
    triggers: Triggers = field(default_factory=Triggers)
    # Releases.
    delivery: Delivery = field(default_factory=Delivery)
    # Alarms, costs and audit.
    operations: Operations = field(default_factory=Operations)
    # Roles for GitHub's workflows; None for none.
    github: Github | None = None

    @property
    def prefix(self) -> str:
        """Return what every stack and every physical name begins with."""
        return f"{self.application}-{self.environment}"

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags of every resource."""
        return {
            "application": self.application,
            "environment": self.environment,
            "owner": self.owner,
            "cost-center": self.cost_center,
            "data-classification": self.data_classification,
        }

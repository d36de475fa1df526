"""The operations of Secrets Manager that Slipway owns; secrets and their values are the ground's."""

from slipway.cloud.coverage import Coverage
from slipway.cloud.secretsmanager import rotating
from slipway.cloud.secretsmanager.rotations import OPERATIONS
from slipway.cloud.service import Service

NO_PARTNER = "no partner manages secrets"
COVERAGE = {
    "ListSecrets": Coverage(
        behaves={
            "Filters": "chooses secrets, as moto does it",
            "IncludePlannedDeletion": "also lists what is about to be deleted",
        }
    ),
    "RotateSecret": Coverage(
        refused={
            "ExternalSecretRotationMetadata": NO_PARTNER,
            "ExternalSecretRotationRoleArn": NO_PARTNER,
        },
        not_honored={"RotationRules.Duration": "a rotation begins when its window begins"},
        behaves={
            "ClientRequestToken": "is the id of the new version",
            "RotateImmediately": "without it only testSecret is run, on the current value",
            "RotationLambdaARN": "shown by DescribeSecret; invoked for each step",
            "RotationRules": "shown by DescribeSecret; followed by the cloud's clock",
        },
    ),
}
SERVICE = Service(
    "secretsmanager",
    OPERATIONS,
    COVERAGE,
    rotating.start,
    rotating.stop,
    invalid="InvalidParameterException",
)

"""Where Slipway's SageMaker does less than AWS with a request, by operation."""

from slipway.cloud.coverage import Coverage

UNENCRYPTED = "the local cloud encrypts nothing; the key is kept and shown"
NO_MARKET = "there is no marketplace to certify for; it is kept and shown"
ONE_STORAGE = "everything is on this machine's disk; it is kept and shown"
IDEMPOTENT = "a request that is repeated with it changes nothing more"
PAGE = "sets the size of the page"
TAGS = "shown by ListTags"

COVERAGE = {
    "CreateModel": Coverage(
        behaves={"Tags": TAGS},
        not_honored={
            "VpcConfig": "there is no VPC to attach to; it is kept and shown",
            "ExecutionRoleArn": "no role is assumed; it is kept and shown",
        },
    ),
    "CreateModelPackage": Coverage(
        refused={"ValidationSpecification": "its profiles are batch transform jobs"},
        not_honored={
            "SecurityConfig": UNENCRYPTED,
            "CertifyForMarketplace": NO_MARKET,
            "SkipModelValidation": "no model is validated; it is kept and shown",
            "ManagedStorageType": ONE_STORAGE,
        },
        behaves={"Tags": TAGS, "ClientToken": IDEMPOTENT},
    ),
    "CreateModelPackageGroup": Coverage(
        not_honored={"ManagedConfiguration": ONE_STORAGE}, behaves={"Tags": TAGS}
    ),
    "UpdateModelPackage": Coverage(
        behaves={
            "CustomerMetadataPropertiesToRemove": "takes properties away",
            "AdditionalInferenceSpecificationsToAdd": "shown in AdditionalInferenceSpecifications",
            "ClientToken": IDEMPOTENT,
        },
    ),
    "DescribeModelPackage": Coverage(
        behaves={"IncludedData": "MetadataOnly leaves out the model card's content"}
    ),
}

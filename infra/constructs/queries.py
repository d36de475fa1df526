"""Athena's work group: where results go, under which key, and how much a query may read."""

from aws_cdk import aws_athena as athena
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from infra.constructs.stack import PlatformStack

RESULTS_PREFIX = "athena-results/"


def work_group(stack: PlatformStack, results: s3.IBucket, key: kms.IKey) -> athena.CfnWorkGroup:
    """Return the work group; what a client says about location or encryption is overruled."""
    return athena.CfnWorkGroup(
        stack,
        "WorkGroup",
        name=stack.settings.prefix,
        description="Queries of the reviews",
        recursive_delete_option=not stack.settings.retain_data,
        work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
            enforce_work_group_configuration=True,
            publish_cloud_watch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=stack.settings.lake.scan_cutoff_bytes,
            result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                output_location=results.s3_url_for_object(RESULTS_PREFIX),
                expected_bucket_owner=stack.account,
                encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                    encryption_option="SSE_KMS", kms_key=key.key_arn
                ),
            ),
        ),
    )

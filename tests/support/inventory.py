"""What there is in an account: everything that a platform makes, by kind."""

import jmespath

# Kind: service, operation, what of its answer is a name, and what of the request is given.
LISTED = {
    "stacks": ("cloudformation", "describe_stacks", "Stacks[].StackName", {}),
    "buckets": ("s3", "list_buckets", "Buckets[].Name", {}),
    "roles": ("iam", "list_roles", "Roles[].RoleName", {}),
    "policies": ("iam", "list_policies", "Policies[].Arn", {"Scope": "Local"}),
    "functions": ("lambda", "list_functions", "Functions[].FunctionName", {}),
    "mappings": ("lambda", "list_event_source_mappings", "EventSourceMappings[].UUID", {}),
    "queues": ("sqs", "list_queues", "QueueUrls", {}),
    "topics": ("sns", "list_topics", "Topics[].TopicArn", {}),
    "aliases": ("kms", "list_aliases", "Aliases[?TargetKeyId].AliasName", {}),
    "secrets": ("secretsmanager", "list_secrets", "SecretList[].Name", {}),
    "log groups": ("logs", "describe_log_groups", "logGroups[].logGroupName", {}),
    "rules": ("events", "list_rules", "Rules[].Name", {}),
    "schedules": ("scheduler", "list_schedules", "Schedules[].Name", {}),
    "tables": ("dynamodb", "list_tables", "TableNames", {}),
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName", {}),
    "dashboards": ("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", {}),
    "trails": ("cloudtrail", "list_trails", "Trails[].Name", {}),
    "endpoints": ("sagemaker", "list_endpoints", "Endpoints[].EndpointName", {}),
    "configurations": (
        "sagemaker",
        "list_endpoint_configs",
        "EndpointConfigs[].EndpointConfigName",
        {},
    ),
    "models": ("sagemaker", "list_models", "Models[].ModelName", {}),
    "pipelines": ("sagemaker", "list_pipelines", "PipelineSummaries[].PipelineName", {}),
    "package groups": (
        "sagemaker",
        "list_model_package_groups",
        "ModelPackageGroupSummaryList[].ModelPackageGroupName",
        {},
    ),
    "feature groups": (
        "sagemaker",
        "list_feature_groups",
        "FeatureGroupSummaries[].FeatureGroupName",
        {},
    ),
    "domains": ("sagemaker", "list_domains", "Domains[].DomainId", {}),
    "VPCs": ("ec2", "describe_vpcs", "Vpcs[].VpcId", {}),
    "subnets": ("ec2", "describe_subnets", "Subnets[].SubnetId", {}),
    "security groups": ("ec2", "describe_security_groups", "SecurityGroups[].GroupId", {}),
    "VPC endpoints": (
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints[?State!='deleted'].VpcEndpointId",
        {},
    ),
    "interfaces": (
        "ec2",
        "describe_network_interfaces",
        "NetworkInterfaces[].NetworkInterfaceId",
        {},
    ),
    "databases": ("glue", "get_databases", "DatabaseList[].Name", {}),
    "crawlers": ("glue", "list_crawlers", "CrawlerNames", {}),
    "work groups": ("athena", "list_work_groups", "WorkGroups[].Name", {}),
    "namespaces": (
        "redshift-serverless",
        "list_namespaces",
        "namespaces[].namespaceName",
        {},
    ),
    "workgroups": (
        "redshift-serverless",
        "list_workgroups",
        "workgroups[].workgroupName",
        {},
    ),
}


def inventory(client):
    """Return the names of all things of an account, by kind; `client` gives one of a service.

    Of keys those that are not going to be deleted.
    """
    found = {}
    for kind, (service, operation, names, request) in LISTED.items():
        api = client(service)
        pages = [getattr(api, operation)(**request)]
        if api.can_paginate(operation):
            pages = api.get_paginator(operation).paginate(**request)
        found[kind] = {name for page in pages for name in jmespath.search(names, page) or ()}
    kms = client("kms")
    keys = [each["KeyId"] for page in pages_of_keys(kms) for each in page["Keys"]]
    found["keys"] = {
        key
        for key in keys
        if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion"
    }
    return found


def pages_of_keys(kms):
    return kms.get_paginator("list_keys").paginate()


def more(after, before):
    """Return what the later of two inventories has and the earlier one has not."""
    found = {kind: names - before[kind] for kind, names in after.items()}
    return {kind: names for kind, names in found.items() if names}

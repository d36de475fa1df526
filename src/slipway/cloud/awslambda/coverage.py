"""Members of Lambda's requests with which the local cloud does less than AWS, or that act unseen."""

from slipway.cloud.coverage import Coverage

ZIPS = "functions are zip archives; there are no containers"
NOT_BUILT = "the local cloud does not have this part of Lambda"
REFUSED = {
    "CapacityProviderConfig": NOT_BUILT,
    "DurableConfig": NOT_BUILT,
    "RuntimeConfig": NOT_BUILT,
    "AcceleratorConfig": NOT_BUILT,
    "FileSystemConfigs": "there is no EFS",
    "ImageConfig": ZIPS,
}
KEPT = {
    "EphemeralStorage": "the function's temporary files may fill the disk",
    "KMSKeyArn": "nothing is encrypted",
    "TracingConfig": "there is no X-Ray",
}
ACTS = {
    "VpcConfig": "the subnets decide through which VPC endpoints the function calls; there is no other "
    "network; without subnets the function is in no VPC",
    "Environment": "the function's variables",
    "DeadLetterConfig": "where events go that could not be handled",
}
LIMITS = {
    "Timeout": "more than 900 seconds",
    "MemorySize": "more than 10240 MB",
    "Layers": "layers of other accounts, AWS's too",
}
SNAP = {"SnapStart.ApplyOn": "PublishedVersions: there are no snapshots"}
CODE = {
    "ZipFile": "the code",
    "S3Bucket": "where the code is",
    "S3Key": "where the code is",
    "S3ObjectVersion": "where the code is",
    "S3ObjectStorageMode": "a copy is kept in any case",
}
BY_NAME = {"FunctionName": "names the function"}
BY_QUALIFIER = BY_NAME | {"Qualifier": "names a version or an alias"}
REVISION = {"RevisionId": "the request is refused where there is a later revision"}
WEIGHTS = {"RoutingConfig": "a call goes to one of two versions, by their weights"}
PAGES = {"Marker": "where the last page ended", "MaxItems": "the most that an answer holds"}
SUITS = {
    "CompatibleRuntime": "versions for it",
    "CompatibleArchitecture": "versions for it",
}

QUEUES = "the local cloud reads events from SQS queues alone"
OF_STREAMS = {
    member: QUEUES
    for member in (
        *("AmazonManagedKafkaEventSourceConfig", "BisectBatchOnFunctionError", "DestinationConfig"),
        *("DocumentDBEventSourceConfig", "LoggingConfig", "MaximumRecordAgeInSeconds"),
        *("MaximumRetryAttempts", "ParallelizationFactor", "SelfManagedKafkaEventSourceConfig"),
        *("SourceAccessConfigurations", "TumblingWindowInSeconds"),
    )
}
OF_OTHERS = OF_STREAMS | {
    member: QUEUES
    for member in (
        *("Queues", "SelfManagedEventSource", "StartingPosition", "StartingPositionTimestamp"),
        "Topics",
    )
}
MAPPING = {
    "KMSKeyArn": "nothing is encrypted",
    "MetricsConfig": "a function's own metrics are recorded, not those of mappings",
}
POLLERS = {"ProvisionedPollerConfig": "there is one poller"}
MAPPED = {
    "FunctionName": "names the function",
    "Enabled": "whether the queue is read",
    "ScalingConfig": "how many batches are handled at once",
    "FilterCriteria": "messages that fit no pattern are deleted",
}

COVERAGE = {
    "CreateEventSourceMapping": Coverage(
        refused=OF_OTHERS | POLLERS,
        limited={"EventSourceArn": "other sources than SQS"},
        not_honored=MAPPING,
        behaves=MAPPED | {"Tags": "shown by ListTags"},
    ),
    "UpdateEventSourceMapping": Coverage(
        refused=OF_STREAMS | POLLERS, not_honored=MAPPING, behaves=MAPPED
    ),
    "ListEventSourceMappings": Coverage(
        behaves=PAGES | {"EventSourceArn": "mappings of it", "FunctionName": "mappings of it"}
    ),
    "CreateFunction": Coverage(
        refused=REFUSED
        | {
            "Code.ImageUri": ZIPS,
            "Code.SourceKMSKeyArn": "nothing is encrypted",
            "CodeSigningConfigArn": "there is no code signing",
            "TenancyConfig": NOT_BUILT,
            "PublishTo": NOT_BUILT,
        },
        limited=LIMITS | SNAP | {"PackageType": "Image: " + ZIPS},
        not_honored=KEPT | {"Architectures": "functions run on this machine's processor"},
        behaves={f"Code.{name}": text for name, text in CODE.items()}
        | ACTS
        | {
            "FunctionName": "the name, or an ARN with it",
            "Publish": "publishes version 1, too",
            "Tags": "shown by ListTags",
        },
    ),
    "UpdateFunctionCode": Coverage(
        refused={
            "ImageUri": ZIPS,
            "SourceKMSKeyArn": "nothing is encrypted",
            "PublishTo": NOT_BUILT,
        },
        not_honored={"Architectures": "functions run on this machine's processor"},
        behaves=CODE
        | BY_NAME
        | REVISION
        | {"Publish": "publishes a version, too", "DryRun": "nothing is changed"},
    ),
    "UpdateFunctionConfiguration": Coverage(
        refused=REFUSED, limited=LIMITS | SNAP, not_honored=KEPT, behaves=BY_NAME | REVISION | ACTS
    ),
    "PutFunctionEventInvokeConfig": Coverage(behaves=BY_QUALIFIER),
    "UpdateFunctionEventInvokeConfig": Coverage(behaves=BY_QUALIFIER),
    "GetFunctionEventInvokeConfig": Coverage(behaves=BY_QUALIFIER),
    "ListFunctionEventInvokeConfigs": Coverage(behaves=BY_NAME | PAGES),
    "DeleteFunctionEventInvokeConfig": Coverage(behaves=BY_QUALIFIER),
    "GetFunction": Coverage(behaves=BY_QUALIFIER),
    "GetFunctionConfiguration": Coverage(behaves=BY_QUALIFIER),
    "DeleteFunction": Coverage(behaves=BY_QUALIFIER),
    "ListFunctions": Coverage(
        refused={"MasterRegion": "there is no Lambda@Edge"},
        behaves=PAGES | {"FunctionVersion": "all versions, not just $LATEST"},
    ),
    "PublishVersion": Coverage(
        refused={"PublishTo": NOT_BUILT},
        behaves=BY_NAME | REVISION | {"CodeSha256": "refused where $LATEST has another"},
    ),
    "ListVersionsByFunction": Coverage(behaves=BY_NAME | PAGES),
    "CreateAlias": Coverage(behaves=BY_NAME | WEIGHTS),
    "UpdateAlias": Coverage(behaves=BY_NAME | REVISION | WEIGHTS),
    "ListAliases": Coverage(behaves=BY_NAME | PAGES | {"FunctionVersion": "aliases of it"}),
    "AddPermission": Coverage(
        refused={
            "FunctionUrlAuthType": "there are no function URLs",
            "InvokedViaFunctionUrl": "there are no function URLs",
        },
        behaves=BY_QUALIFIER
        | REVISION
        | {
            name: "a part of the statement"
            for name in (
                *("StatementId", "Action", "Principal", "SourceArn", "SourceAccount"),
                *("EventSourceToken", "PrincipalOrgID"),
            )
        },
    ),
    "RemovePermission": Coverage(behaves=BY_QUALIFIER | REVISION),
    "GetPolicy": Coverage(behaves=BY_QUALIFIER),
    "GetLayerVersionByArn": Coverage(behaves={"Arn": "names the layer's version"}),
    "ListLayerVersions": Coverage(behaves=PAGES | SUITS),
    "ListLayers": Coverage(behaves=PAGES | SUITS),
    "PublishLayerVersion": Coverage(
        behaves={f"Content.{name}": text for name, text in CODE.items()}
        | {"LayerName": "names the layer"}
    ),
    "Invoke": Coverage(
        refused={"DurableExecutionName": NOT_BUILT, "TenantId": NOT_BUILT},
        behaves=BY_QUALIFIER
        | {
            "Payload": "the event",
            "InvocationType": "now, later, or not at all",
            "LogType": "the end of the log comes with the answer",
            "ClientContext": "handed to the function",
        },
    ),
}

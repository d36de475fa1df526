"""Members of SageMaker Runtime's requests with which the local cloud does less than AWS."""

from slipway.cloud.coverage import Coverage

PASSED_ON = "passed on to the container"
ONE_ROUTING = "requests go to the instance with the fewest of them, or to one at random"
INVOKE = {
    "Body": PASSED_ON,
    "ContentType": PASSED_ON,
    "Accept": PASSED_ON,
    "CustomAttributes": PASSED_ON,
    "InferenceId": "passed on to the container, and captured",
    "TargetModel": "the model of a multi-model container that answers",
    "TargetVariant": "the variant that answers",
    "TargetContainerHostname": "the container that answers",
    "InferenceComponentName": "the inference component that answers",
    "SessionId": "passed on; the instance that opened the session answers",
}
INVOKE_STREAM = {member: text for member, text in INVOKE.items() if member != "TargetModel"}
COVERAGE = {
    "InvokeEndpoint": Coverage(
        behaves=INVOKE,
        not_honored={
            "EnableExplanations": "there is no explainer; it is passed on to the container",
            "PrefixAwareId": ONE_ROUTING,
        },
    ),
    "InvokeEndpointWithResponseStream": Coverage(
        behaves=INVOKE_STREAM, not_honored={"PrefixAwareId": ONE_ROUTING}
    ),
    "InvokeEndpointAsync": Coverage(
        limited={"InputLocation": "an https:// address: the local cloud reads s3:// alone"},
        behaves={
            **{m: INVOKE[m] for m in ("Body", "ContentType", "Accept", "CustomAttributes")},
            "InferenceId": "names the result, and is passed on to the container",
            "InputLocation": "the payload",
            "S3OutputPathExtension": "a part of the result's key",
            "Filename": "the end of the result's key",
            "RequestTTLSeconds": "fails a request that waited for so long",
            "InvocationTimeoutSeconds": "ends the wait for the model",
        },
    ),
}

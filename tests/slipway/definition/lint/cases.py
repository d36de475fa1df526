"""For each rule, steps in which it finds something, and the same put right."""

from ..samples import (
    channel,
    condition,
    equal,
    get,
    join,
    output,
    processing,
    source,
    step,
    training,
)

DAY = {"Enabled": True, "ExpireAfter": "P1D"}
REPORT = [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "a.json"}]
STAMPED = "s3://bucket/base-20261121073250/input/code"


def call(name="Call", **members):
    return step(name, FunctionArn="arn:f", **members)


def param(name="P", kind="String", **members):
    return [{"Name": name, "Type": kind, **members}]


def mse(file="Report"):
    place = get(f"Steps.Evaluate.PropertyFiles.{file}")
    return {"Std:JsonGet": {"PropertyFile": place, "Path": "mse"}}


def compares(how, left, right):
    return condition("C", [{"Type": how, "LeftValue": left, "RightValue": right}])


def evaluate(**members):
    return processing("Evaluate", PropertyFiles=REPORT, **members)


def loop(*body, **arguments):
    fixed = {"IterableItems": ["a"], "MaxConcurrency": 1, "ForEachBody": list(body)}
    return step("Loop", "ForEach", arguments={**fixed, **arguments})


def selector(field):
    return {"Selector": {"Pick": "MaxBy", "Field": get(field)}}


def emr(**arguments):
    return step("E", "EMR", arguments=arguments)


def policy(kind, *names):
    steps = {"Training": training("S"), "Lambda": call("S")}
    policies = [{"ExceptionType": [name]} for name in names]
    return {**steps.get(kind, step("S", kind)), "RetryPolicies": policies}


def two(branch):
    """A condition with a step in each branch, and a third that waits for both or for one."""
    return (
        condition(
            "C", [equal(get("Parameters.P"), "x")], then=[call("Yes")], otherwise=[call("No")]
        ),
        call("After", DependsOn=["Yes", branch]),
    )


def reads(uri, **members):
    return training("T", {"InputDataConfig": [channel(uri)]}, CacheConfig=DAY, **members)


def after(trigger):
    return [{"Step": "Call", "Trigger": trigger}]


GROUP = {"InstanceGroups": []}
OUTPUTS = [{"OutputName": "o", "OutputType": "String"}]
RESULT = "Steps.Prepare.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"
FRESH = {"Outputs": [output("report", join("s3://b/", get("Execution.PipelineExecutionId")))]}
# rule → steps (and parameters) in which it finds something, and in which it does not
CASES = {
    "duplicate-step": (
        [call("A"), condition("C", [equal(1, 1)], then=[call("A")])],
        [call("A"), condition("C", [equal(1, 1)], then=[call("B")])],
    ),
    "duplicate-parameter": ([], [], param() + param(), param() + param("Q")),
    "duplicate-output": ([call(OutputParameters=OUTPUTS * 2)], [call(OutputParameters=OUTPUTS)]),
    "iteration-name": ([loop(call("Each")), call("Each-0")], [loop(call("Each")), call("Each-x")]),
    "long-job-name": (
        [training("T", {"TrainingJobName": "x" * 39})],
        [training("T", {"TrainingJobName": "x" * 38})],
    ),
    "unknown-parameter": (
        [call(arguments={"a": [join(get("Parameters.Q"))]})],
        [call(arguments={"a": [join(get("Parameters.P"))]})],
        param(),
    ),
    "unknown-step": ([call(DependsOn=["Nope"])], [call(DependsOn=["Other"]), call("Other")]),
    "unknown-property": (
        [training("T"), call(arguments={"a": get("Steps.T.ModelArtifact.S3ModelArtifacts")})],
        [training("T"), call(arguments={"a": get("Steps.T.ModelArtifacts.S3ModelArtifacts")})],
    ),
    "unknown-output": (
        [processing("Prepare"), reads(get(RESULT.replace("report", "reports")))],
        [processing("Prepare"), reads(get(RESULT))],
    ),
    "joined-list": (
        [training("T"), call(arguments={"a": join(get("Steps.T.ModelArtifacts"))})],
        [
            training("T"),
            call(arguments={"a": join(get("Steps.T.ModelArtifacts.S3ModelArtifacts"))}),
        ],
    ),
    "item-outside-a-body": (
        [call(arguments={"a": get("ForEach.CurrentItem")})],
        [loop(call(arguments={"a": get("ForEach.CurrentItem")}))],
    ),
    "wrong-selector": (
        [loop(call("Each"), **selector("IterationOutput.Other.OutputParameters['o']"))],
        [loop(call("Each"), **selector("IterationOutput.Each.OutputParameters['o']"))],
    ),
    "foreign-job-name": (
        [call(arguments={"a": get("Execution.TrainingJobName")})],
        [training("T", {"Environment": {"A": get("Execution.TrainingJobName")}})],
    ),
    "cycle": ([call("A", DependsOn=["B"]), call("B", DependsOn=["A"])], [call("A"), call("B")]),
    "depends-on-fail": (
        [step("Stop", "Fail"), call(DependsOn=["Stop"])],
        [step("Stop", "Fail", DependsOn=["Call"]), call()],
    ),
    "never-runs": ([*two("No")], [*two("C")], param()),
    "failure-with-data": (
        [
            call(OutputParameters=OUTPUTS),
            call(
                "B",
                arguments={"a": get("Steps.Call.OutputParameters['o']")},
                DependsOn=after("Failed"),
            ),
        ],
        [
            call(OutputParameters=OUTPUTS),
            call(
                "B",
                arguments={"a": get("Steps.Call.OutputParameters['o']")},
                DependsOn=after("Any"),
            ),
        ],
    ),
    "uncleaned-source": (
        [
            training("T"),
            step("Clean", "Cleanup", arguments={"Resources": {"S3": [{"StepName": "T"}]}}),
        ],
        [
            training("T"),
            step(
                "Clean",
                "Cleanup",
                arguments={"Resources": {"S3": [{"StepName": "T"}]}},
                DependsOn=[{"Step": "T", "Trigger": "Any"}],
            ),
        ],
    ),
    "wrong-arguments": ([training("T", {"RoleArn": None})], [training("T")]),
    "refused-default": (
        [processing("A", {"AppSpecification": {"ImageUri": get("Parameters.P")}})],
        [processing("A", {"AppSpecification": {"ImageUri": get("Parameters.P")}})],
        param(DefaultValue="x" * 256),
        param(DefaultValue="x" * 255),
    ),
    "fail-message": (
        [step("Stop", "Fail", arguments={"ErrorMessage": 1})],
        [step("Stop", "Fail", arguments={"ErrorMessage": join("a", 1)})],
    ),
    "missing-target": ([step("Call")], [call()]),
    "emr-cluster": ([emr(ClusterId="j", ClusterConfig={"Instances": GROUP})], [emr(ClusterId="j")]),
    "emr-serverless-application": (
        [step("S", "EMRServerless")],
        [step("S", "EMRServerless", arguments={"ApplicationId": "a"})],
    ),
    "check-type": (
        [step("Q", "QualityCheck", arguments=processing("Q")["Arguments"], CheckType="DATA_BIAS")],
        [step("Q", "ClarifyCheck", arguments=processing("Q")["Arguments"], CheckType="DATA_BIAS")],
    ),
    "unchecked-number": (
        [evaluate(), training("T", {"HyperParameters": {"a": mse()}})],
        [evaluate(), training("T", {"HyperParameters": {"a": join(mse())}})],
    ),
    "condition-types": (
        [compares("Equals", get("Parameters.P"), 1)],
        [compares("Equals", get("Parameters.P"), "1")],
        param(),
    ),
    "membership-types": (
        [condition("C", [{"Type": "In", "QueryValue": get("Parameters.P"), "Values": [1, 2]}])],
        [condition("C", [{"Type": "In", "QueryValue": get("Parameters.P"), "Values": [1, "2"]}])],
        param(),
    ),
    "strings-in-order": (
        [compares("LessThan", get("Parameters.P"), "10")],
        [compares("LessThan", get("Parameters.P"), "2020-12-01")],
        param(),
    ),
    "constant-condition": (
        [compares("Equals", 1, 1)],
        [compares("Equals", 1, get("Execution.PipelineName"))],
    ),
    "unused-parameter": (
        [call()],
        [condition("C", [{"Type": "Not", "Condition": equal(get("Parameters.P"), "a")}])],
        param(),
    ),
    "unknown-property-file": (
        [evaluate(), compares("Equals", mse("Reports"), 1)],
        [evaluate(), compares("Equals", mse(), 1)],
    ),
    "property-file-output": (
        [evaluate(arguments={"ProcessingOutputConfig": {"Outputs": [output("other")]}})],
        [evaluate()],
    ),
    "continuous-property-file": (
        [
            evaluate(
                arguments={
                    "ProcessingOutputConfig": {"Outputs": [output("report", mode="Continuous")]}
                }
            )
        ],
        [evaluate()],
    ),
    "duplicate-property-file": ([processing("Evaluate", PropertyFiles=REPORT * 2)], [evaluate()]),
    "timestamp-in-key": (
        [processing("A", {"ProcessingInputs": [source(STAMPED)]}, CacheConfig=DAY)],
        [
            processing(
                "A", {"ProcessingInputs": [source("s3://b/code/20261121/x")]}, CacheConfig=DAY
            )
        ],
    ),
    "execution-in-key": (
        [training("T", {"Environment": {"A": get("Execution.StartDateTime")}}, CacheConfig=DAY)],
        [training("T", {"Environment": {"A": get("Execution.PipelineName")}}, CacheConfig=DAY)],
    ),
    "uncached-upstream": (
        [processing("Prepare", {"ProcessingOutputConfig": FRESH}), reads(get(RESULT))],
        [
            processing("Prepare", {"ProcessingOutputConfig": FRESH}, CacheConfig=DAY),
            reads(get(RESULT)),
        ],
    ),
    "cache-without-end": (
        [training("T", CacheConfig={"Enabled": True})],
        [training("T", CacheConfig={"Enabled": False})],
    ),
    "cache-of-an-uncached-type": (
        [step("M", "Model", CacheConfig=DAY)],
        [call(CacheConfig=DAY)],
    ),
    "unknown-exception-type": (
        [policy("Training", "Step.FAULT")],
        [policy("Training", "Step.THROTTLING")],
    ),
    "repeated-exception-type": (
        [policy("Training", "Step.THROTTLING", "Step.THROTTLING")],
        [policy("Training", "Step.THROTTLING", "Step.SERVICE_FAULT")],
    ),
    "inapplicable-retries": (
        [policy("Lambda", "Step.THROTTLING")],
        [policy("Training", "SageMaker.JOB_INTERNAL_ERROR")],
    ),
}

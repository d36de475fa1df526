"""No member of a request is silently ignored: it is shown, it acts, or it stands in the coverage.

For every member of every operation's request a request is made that holds it, and sent to a cloud
in which everything exists that the request names.
"""

import itertools
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conformance.asking import ask, carried
from conformance.examples import paths, put, valid
from slipway.cloud.application import Application
from slipway.cloud.coverage import NOTHING
from slipway.cloud.json_protocol import service_model
from slipway.cloud.services import MODULES, owned
from slipway.cloud.serving import assemble, bound, stop
from slipway.cloud.shapes import convert, violations

ROLE = "arn:aws:iam::123456789012:role/execution"
TENSORFLOW = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.19-cpu-py312"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
PREFIX = "arn:aws:sagemaker:us-east-1:123456789012:"
TOKEN = "t" * 32
NUMBERS = itertools.count()
FAIL = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
DEFINITION = json.dumps(
    {
        "Version": "2020-12-01",
        "Parameters": [{"Name": n, "Type": "String", "DefaultValue": "x"} for n in "ab"],
        "Steps": [
            {
                "Name": "Choose",
                "Type": "Condition",
                "Arguments": {
                    "Conditions": [{"Type": "Equals", "LeftValue": "1", "RightValue": "2"}],
                    "IfSteps": [],
                    "ElseSteps": [FAIL],
                },
            },
        ],
    }
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}],
    }
)
# A job whose input does not exist fails before a process is started.
NOTHING_THERE = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/nothing/here"}
TRAINING = {
    "AlgorithmSpecification": {"TrainingImage": TENSORFLOW, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "InputDataConfig": [{"ChannelName": "a", "DataSource": {"S3DataSource": NOTHING_THERE}}],
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}
INPUT = NOTHING_THERE | {"LocalPath": "/opt/ml/processing/a", "S3InputMode": "File"}
PROCESSING = {
    "AppSpecification": {"ImageUri": SKLEARN, "ContainerEntrypoint": ["true"]},
    "ProcessingInputs": [{"InputName": "a", "S3Input": INPUT}],
    "ProcessingResources": {
        "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    },
    "RoleArn": ROLE,
}
CONTAINER = {"PrimaryContainer": {"Image": "i"}}
SPECIFICATION = {"InferenceSpecification": {"Containers": [{"Image": "i"}]}}
PIPELINE = {"PipelineDefinition": DEFINITION, "RoleArn": ROLE}


def new(prefix="n"):
    return f"{prefix}-{next(NUMBERS)}"


# What makes an operation succeed, where the smallest request does not; names of things that are
# made anew for every request are called by it.
EXAMPLES = {
    "CreateModel": lambda w: {"ModelName": new(), **CONTAINER},
    "DescribeModel": lambda w: {"ModelName": "m"},
    "DeleteModel": lambda w: {"ModelName": w.made("CreateModel", "ModelName")},
    "CreateModelPackageGroup": lambda w: {"ModelPackageGroupName": new()},
    "DescribeModelPackageGroup": lambda w: {"ModelPackageGroupName": "g"},
    "DeleteModelPackageGroup": lambda w: {
        "ModelPackageGroupName": w.made("CreateModelPackageGroup", "ModelPackageGroupName")
    },
    "PutModelPackageGroupPolicy": lambda w: {
        "ModelPackageGroupName": "g",
        "ResourcePolicy": json.dumps({"Version": "2012-10-17", "Statement": []}),
    },
    "GetModelPackageGroupPolicy": lambda w: {"ModelPackageGroupName": "g"},
    "DeleteModelPackageGroupPolicy": lambda w: {"ModelPackageGroupName": "unshared"},
    "CreateModelPackage": lambda w: {"ModelPackageGroupName": "g", **SPECIFICATION},
    "DescribeModelPackage": lambda w: {"ModelPackageName": "g/1"},
    "BatchDescribeModelPackage": lambda w: {"ModelPackageArnList": [PREFIX + "model-package/g/1"]},
    "UpdateModelPackage": lambda w: {
        "ModelPackageArn": w.answered("CreateModelPackage", "ModelPackageArn")
    },
    "DeleteModelPackage": lambda w: {
        "ModelPackageName": w.answered("CreateModelPackage", "ModelPackageArn")
    },
    "AddTags": lambda w: {
        "ResourceArn": PREFIX + "model/m",
        "Tags": [{"Key": "a", "Value": "b"}],
    },
    "ListTags": lambda w: {"ResourceArn": PREFIX + "model/m"},
    "DeleteTags": lambda w: {"ResourceArn": PREFIX + "model/m", "TagKeys": ["a"]},
    "CreateTrainingJob": lambda w: {"TrainingJobName": new(), **TRAINING},
    "DescribeTrainingJob": lambda w: {"TrainingJobName": "t"},
    "UpdateTrainingJob": lambda w: {"TrainingJobName": "t"},
    "CreateProcessingJob": lambda w: {"ProcessingJobName": new(), **PROCESSING},
    "DescribeProcessingJob": lambda w: {"ProcessingJobName": "p"},
    "CreatePipeline": lambda w: {
        "PipelineName": new(),
        "ClientRequestToken": TOKEN,
        **PIPELINE,
    },
    "DescribePipeline": lambda w: {"PipelineName": "line"},
    "UpdatePipeline": lambda w: {"PipelineName": "line"},
    "DeletePipeline": lambda w: {
        "PipelineName": w.made("CreatePipeline", "PipelineName"),
        "ClientRequestToken": TOKEN,
    },
    "ListPipelineVersions": lambda w: {"PipelineName": "line"},
    "UpdatePipelineVersion": lambda w: {
        "PipelineArn": PREFIX + "pipeline/line",
        "PipelineVersionId": 1,
    },
    "StartPipelineExecution": lambda w: {
        "PipelineName": "line",
        "ClientRequestToken": new(TOKEN),
    },
    "UpdatePipelineExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "DescribePipelineExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "DescribePipelineDefinitionForExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "ListPipelineExecutions": lambda w: {"PipelineName": "line"},
    "ListPipelineExecutionSteps": lambda w: {"PipelineExecutionArn": w.execution},
    "ListPipelineParametersForExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "SimulatePrincipalPolicy": lambda w: {"PolicySourceArn": ROLE, "ActionNames": ["s3:Get"]},
    "SimulateCustomPolicy": lambda w: {
        "PolicyInputList": [json.dumps({"Version": "2012-10-17", "Statement": []})],
        "ActionNames": ["s3:GetObject"],
    },
    "AssumeRole": lambda w: {"RoleArn": ROLE, "RoleSessionName": "me"},
    "DescribeLogStreams": lambda w: {"logGroupName": "/aws/sagemaker/TrainingJobs"},
    "FilterLogEvents": lambda w: {"logGroupName": "/aws/sagemaker/TrainingJobs"},
}
# What has ended cannot be stopped or tried again, and is still ending when it is deleted.
ENDED = {
    "StopTrainingJob": lambda w: {"TrainingJobName": "t"},
    "DeleteTrainingJob": lambda w: {"TrainingJobName": w.made(*JOBS["TrainingJob"])},
    "StopProcessingJob": lambda w: {"ProcessingJobName": "p"},
    "DeleteProcessingJob": lambda w: {"ProcessingJobName": w.made(*JOBS["ProcessingJob"])},
    "StopPipelineExecution": lambda w: {
        "PipelineExecutionArn": w.execution,
        "ClientRequestToken": new(TOKEN),
    },
    "RetryPipelineExecution": lambda w: {
        "PipelineExecutionArn": w.execution,
        "ClientRequestToken": new(TOKEN),
    },
}
JOBS = {kind: (f"Create{kind}", f"{kind}Name") for kind in ("TrainingJob", "ProcessingJob")}
# Members of lists that `test_every_list_filters_sorts_and_pages` sees act
LISTED = re.compile(
    "(After|Before|NameContains|Prefix|Equals|ApprovalStatus|SortBy|SortOrder|MaxResults|NextToken)$"
)
# Where what was asked for shows: the operation, and how its request is made of ours and the answer
DESCRIBED = {
    "CreateModel": ("DescribeModel", lambda r, a: {"ModelName": r["ModelName"]}),
    "CreateModelPackageGroup": (
        "DescribeModelPackageGroup",
        lambda r, a: {"ModelPackageGroupName": r["ModelPackageGroupName"]},
    ),
    "PutModelPackageGroupPolicy": (
        "GetModelPackageGroupPolicy",
        lambda r, a: {"ModelPackageGroupName": r["ModelPackageGroupName"]},
    ),
    "CreateModelPackage": (
        "DescribeModelPackage",
        lambda r, a: {"ModelPackageName": a["ModelPackageArn"]},
    ),
    "UpdateModelPackage": (
        "DescribeModelPackage",
        lambda r, a: {"ModelPackageName": a["ModelPackageArn"]},
    ),
    "CreateTrainingJob": (
        "DescribeTrainingJob",
        lambda r, a: {"TrainingJobName": r["TrainingJobName"]},
    ),
    "UpdateTrainingJob": ("DescribeTrainingJob", lambda r, a: {"TrainingJobName": "t"}),
    "CreateProcessingJob": (
        "DescribeProcessingJob",
        lambda r, a: {"ProcessingJobName": r["ProcessingJobName"]},
    ),
    "CreatePipeline": ("DescribePipeline", lambda r, a: {"PipelineName": r["PipelineName"]}),
    "UpdatePipeline": ("DescribePipeline", lambda r, a: {"PipelineName": r["PipelineName"]}),
    "UpdatePipelineVersion": (
        "DescribePipeline",
        lambda r, a: {"PipelineName": r["PipelineArn"], "PipelineVersionId": 1},
    ),
    "StartPipelineExecution": ("DescribePipelineExecution", lambda r, a: a),
    "UpdatePipelineExecution": ("DescribePipelineExecution", lambda r, a: a),
    "AddTags": ("ListTags", lambda r, a: {"ResourceArn": r["ResourceArn"]}),
}


DENIED = "AccessDenied"  # every operation's


class World:
    """A cloud in which everything exists that the examples name."""

    def __init__(self, application):
        self.application = application
        role = {"RoleName": "execution", "AssumeRolePolicyDocument": TRUST}
        assert ask(application, "iam", "CreateRole", role)[0] == 200
        tag = {"Tags": [{"Key": "a", "Value": "b"}]}
        self.must("CreateModel", {"ModelName": "m", **CONTAINER, **tag})
        self.must("CreateModel", {"ModelName": "m2", **CONTAINER})
        for group in ("g", "unshared"):
            self.must("CreateModelPackageGroup", {"ModelPackageGroupName": group})
        self.must("PutModelPackageGroupPolicy", EXAMPLES["PutModelPackageGroupPolicy"](self))
        for _ in range(2):
            self.must("CreateModelPackage", {"ModelPackageGroupName": "g", **SPECIFICATION})
            self.must("CreateModelPackage", {"ModelPackageName": new(), **SPECIFICATION})
        for letter in ("", "2"):
            self.must("CreateTrainingJob", {"TrainingJobName": "t" + letter, **TRAINING})
            self.must("CreateProcessingJob", {"ProcessingJobName": "p" + letter, **PROCESSING})
            pipeline = {"PipelineName": "line" + letter, "ClientRequestToken": TOKEN}
            self.must("CreatePipeline", {**pipeline, **PIPELINE})
        other = {"PipelineDefinition": DEFINITION.replace("no", "never")}
        self.must("UpdatePipeline", {"PipelineName": "line", **other})
        for token in (TOKEN, TOKEN + "u"):
            start = {"PipelineName": "line", "ClientRequestToken": token}
            self.execution = self.must("StartPipelineExecution", start)["PipelineExecutionArn"]
        while self.status(self.execution) == "Executing":
            time.sleep(0.02)

    def must(self, name, members):
        status, body = ask(self.application, "sagemaker", name, members)
        assert status == 200, f"{name}: {body}"
        return json.loads(body or "{}")

    def status(self, execution):
        of = {"PipelineExecutionArn": execution}
        return self.must("DescribePipelineExecution", of)["PipelineExecutionStatus"]

    def made(self, name, member):
        request = EXAMPLES[name](self)
        self.must(name, request)
        return request[member]

    def answered(self, name, member):
        return self.must(name, EXAMPLES[name](self))[member]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = bound(0)  # the engine is a client of the cloud, so it must be reachable
    home = tmp_path_factory.mktemp("world")
    cloud = assemble(home, f"http://localhost:{server.bind_addr[1]}")
    server.answer = application = Application(cloud)
    for name in MODULES:
        owned(name).start(cloud)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield World(application)
    server.stop()
    thread.join()
    stop(cloud)


def covered(table, path):
    """Tell whether a path, or one above it, stands in a table of the coverage."""
    names = ".".join(path).replace(".[]", "[]").replace(".{}", "{}")
    return any(names == known or names.startswith((known + ".", known + "[")) for known in table)


def limited(coverage, path):
    """Tell whether values at a path, or below it, are refused now and then."""
    below = ".".join(path).replace(".[]", "[]") + "."
    return covered(coverage.limited, path) or any(p.startswith(below) for p in coverage.limited)


def shows(answer, sent):
    """Tell whether an answer holds all of what was sent."""
    if isinstance(sent, dict):
        return isinstance(answer, dict) and all(shows(answer.get(k), v) for k, v in sent.items())
    if isinstance(sent, list):
        return (
            isinstance(answer, list) and len(answer) >= len(sent) and all(map(shows, answer, sent))
        )
    return answer == sent


@pytest.mark.parametrize(
    ("service", "name"),
    [(service, name) for service in MODULES for name in sorted(owned(service).operations)],
)
def test_every_member_is_shown_or_acts_or_stands_in_the_coverage(world, service, name):
    model = service_model(service).operation_model(name)
    shape = model.input_shape
    coverage = owned(service).coverage.get(name, NOTHING)
    documented = {error.name for error in model.error_shapes} | {owned(service).invalid, DENIED}
    documented |= {error.error_code for error in model.error_shapes if error.metadata.get("error")}
    make = (EXAMPLES | ENDED).get(name, lambda _: valid(shape))
    status, body = ask(world.application, service, name, make(world))
    assert status == 200 or name not in EXAMPLES, body
    faults = []
    for path, member in paths(shape):
        request = put(shape, make(world), path, valid(member))
        if not carried(model, request):
            continue
        status, body = ask(world.application, service, name, request)
        assert status == 200 or any(
            f'"{code}"' in body or f"<Code>{code}<" in body for code in documented
        ), body
        where = f"{'.'.join(path)}: {status} {body}"
        if covered(coverage.refused, path):
            if status == 200:
                faults.append("taken, though the coverage refuses it: " + where)
        elif status != 200:
            if "local cloud" in body and not limited(coverage, path):
                faults.append("refused, and not in the coverage: " + where)
        elif not covered(coverage.behaves, path):
            if model.output_shape and model.service_model.protocol == "json":
                answer = json.loads(body)
                broken = list(violations(model.output_shape, convert(model.output_shape, answer)))
                assert not broken, f"{where}: {broken}"
            if name in DESCRIBED:
                described, of = DESCRIBED[name]
                known = service_model(service).operation_model(described).output_shape.members
                found = world.must(described, of(request, json.loads(body or "{}")))
                lost = covered(coverage.not_honored, path) and path[0] not in known
                if not lost and not shows(found.get(path[0]), request[path[0]]):
                    faults.append(f"not shown by {described}: {where} {found.get(path[0])}")
            elif path[0] not in make(world) and not (
                covered(coverage.not_honored, path)
                or (name.startswith("List") and LISTED.search(path[0]))
            ):
                faults.append(f"acts how? {where}")
    assert not faults, "\n".join(faults)


ORDERS = ("Ascending", "Descending")
LISTS = [n for n in sorted(owned("sagemaker").operations) if n.startswith("List")]
FUTURE, PAST = 4_000_000_000, 1
NOBODY = {  # values of filters that nothing has
    "StatusEquals": "Stopping",
    "ModelApprovalStatus": "Rejected",
    "WarmPoolStatusEquals": "InUse",
    "TrainingPlanArnEquals": "arn:aws:sagemaker:us-east-1:123456789012:training-plan/none",
}


def every(world, name, base, items, order):
    """Return all items of a list, in an order."""
    request, found = base | {"SortOrder": order, "MaxResults": 100}, []
    while True:
        page = world.must(name, request)
        found += page[items]
        if "NextToken" not in page:
            return found
        request["NextToken"] = page["NextToken"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_filters_sorts_and_pages(world, name):
    model = service_model("sagemaker").operation_model(name)
    base = EXAMPLES.get(name, lambda _: {})(world)
    (items,) = (m for m, s in model.output_shape.members.items() if s.type_name == "list")

    def listed(**more):
        return world.must(name, base | more)[items]

    for member, shape in model.input_shape.members.items():
        if member.endswith("After"):
            assert listed(**{member: PAST}) and not listed(**{member: FUTURE}), member
        elif member.endswith("Before"):
            assert listed(**{member: FUTURE}) and not listed(**{member: PAST}), member
        elif member.endswith(("NameContains", "Prefix")):
            assert not listed(**{member: "zzz"}), member
        elif member in NOBODY:
            assert not listed(**{member: NOBODY[member]}), member
        elif member == "SortOrder":
            up, down = (every(world, name, base, items, order) for order in ORDERS)
            assert len(up) > 1
            assert up == down[::-1]
        elif member == "SortBy":
            for value in shape.enum:
                assert listed(SortBy=value), value
        elif member == "MaxResults":
            least = shape.metadata.get("min", 1)
            first = world.must(name, base | {member: least})
            assert len(first[items]) <= least
            if least == 1:
                second = world.must(name, base | {member: 1, "NextToken": first["NextToken"]})
                assert first[items] != second[items]


@pytest.mark.parametrize("service", MODULES)
def test_the_coverage_names_members_that_exist(service):
    for name, coverage in owned(service).coverage.items():
        assert name in owned(service).operations
        shape = service_model(service).operation_model(name).input_shape
        known = {".".join(path).replace(".[]", "[]") for path, _ in paths(shape)}
        for table in (coverage.refused, coverage.limited, coverage.not_honored, coverage.behaves):
            assert table.keys() <= known, name


def test_the_page_says_what_the_code_does():
    script = Path(__file__).parents[3] / "scripts" / "coverage.py"
    checked = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr

"""The platform on a local cloud of its own, deployed by the CDK CLI, and the people who work with it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import boto3
from botocore.config import Config

from slipway.images import environment

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BOOTSTRAP = ("bootstrap", "aws://123456789012/us-east-1")
DEPLOY = ("deploy", "--all")


class Platform:
    """A deployed platform: its outputs, and clients in the name of roles' sessions."""

    def __init__(self, shell, folder, assembly=None):
        self.shell, self.folder, self.assembly = shell, folder, assembly
        self.outputs = {}
        self._sessions = {}
        self._boto = boto3.Session()
        self._clients = {}  # each is made once, which takes longer than most calls
        self._making = threading.Lock()  # a session makes one at a time

    def begin_cdk(self, *words):
        """Begin the CDK CLI in the repository's root; its home and its output are the test's own.

        Not so where jsii unpacks the CDK: that takes seconds, and 200 MB. Where there is an assembly
        already, nothing is synthesized.
        """
        environ = self.shell.environ | {
            "HOME": str(self.folder),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path.home() / ".cache/aws/jsii/package-cache"),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "SLIPWAY_CACHE": str(environment.cache()),
        }
        given = ["--app", self.assembly] if self.assembly else ["--output", self.folder / "cdk.out"]
        if words == BOOTSTRAP:  # an app would be synthesized to see which environments it has
            given = ["--app", ""]
        command = [BIN / "cdk", *words, *map(str, given)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(command, cwd=ROOT, env=environ, **pipes)

    def cdk(self, *words, timeout=300):
        """Run the CDK CLI to its end."""
        return ended(self.begin_cdk(*words), timeout)

    def deploy(self):
        """Bootstrap, deploy every stack, and read the outputs; return the CLI's words."""
        for words in (BOOTSTRAP, DEPLOY):
            run = self.cdk(*words)
            assert run.returncode == 0, run.stdout
        self.read_outputs()
        return run.stdout

    def kill(self):
        """End the cloud's process with no chance to tidy up."""
        pid = int((self.shell.home / "pid").read_text())
        os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(pid, 0)
                time.sleep(0.01)

    def up(self):
        """Start the cloud where it was before: an ordinary one has always the same port."""
        port = self.shell.environ["AWS_ENDPOINT_URL"].rpartition(":")[2]
        started = self.shell("up", "--enforce-iam", "--port", port)
        assert started.code == 0, started.err

    def advance(self, span):
        """Move the cloud's clock on."""
        moved = self.shell("clock", "--advance", span)
        assert moved.code == 0, moved.err

    def read_outputs(self):
        pages = self.client("cloudformation").get_paginator("describe_stacks").paginate()
        for stack in (stack for page in pages for stack in page["Stacks"]):
            for one in stack.get("Outputs", ()):
                self.outputs[one["OutputKey"]] = one["OutputValue"]

    def client(self, service, role="", session="test"):
        """Return a client of the administrator's, or of the session of the role in an output."""
        given = self.shell.environ
        keys = (given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], None)
        if role:
            keys = self.session(role, session)
        access, secret, token = keys
        with self._making:
            if (service, access) not in self._clients:
                self._clients[service, access] = self._boto.client(
                    service,
                    region_name=given["AWS_REGION"],
                    aws_access_key_id=access,
                    aws_secret_access_key=secret,
                    aws_session_token=token,
                    endpoint_url=given["AWS_ENDPOINT_URL"],
                    config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32),
                )
            return self._clients[service, access]

    def session(self, role, name):
        """Return the keys of a role's session, assumed once."""
        if (role, name) not in self._sessions:
            given = self.client("sts").assume_role(
                RoleArn=self.outputs[role], RoleSessionName=name
            )["Credentials"]
            keys = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
            self._sessions[role, name] = keys
        return self._sessions[role, name]

    def aws(self, role, session, *words):
        """Run the AWS CLI as a role's session."""
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        environ = self.shell.environ | dict(zip(names, self.session(role, session), strict=True))
        return subprocess.run([BIN / "aws", *words], env=environ, capture_output=True, text=True)

    # What is looked at, as the administrator.

    def executions(self):
        """Return the pipeline's executions, the oldest first."""
        sagemaker = self.client("sagemaker")
        found = sagemaker.list_pipeline_executions(
            PipelineName=self.outputs["PipelineName"], SortOrder="Ascending"
        )
        return [
            sagemaker.describe_pipeline_execution(PipelineExecutionArn=one["PipelineExecutionArn"])
            for one in found["PipelineExecutionSummaries"]
        ]

    def parameters(self, execution):
        found = self.client("sagemaker").list_pipeline_parameters_for_execution(
            PipelineExecutionArn=execution["PipelineExecutionArn"]
        )
        return {one["Name"]: one["Value"] for one in found["PipelineParameters"]}

    def steps(self, execution):
        found = self.client("sagemaker").list_pipeline_execution_steps(
            PipelineExecutionArn=execution["PipelineExecutionArn"]
        )
        return {one["StepName"]: one for one in found["PipelineExecutionSteps"]}

    def package(self, arn):
        return self.client("sagemaker").describe_model_package(ModelPackageName=arn)

    def trail(self, arn):
        """Return what the package's properties say of each step, the oldest first."""
        found = self.package(arn).get("CustomerMetadataProperties", {})
        return [found[key] for key in sorted(found) if key.startswith("Decision-")]

    def stage(self, arn):
        cycle = self.package(arn).get("ModelLifeCycle") or {}
        return cycle.get("Stage"), cycle.get("StageStatus")

    def endpoint(self, output):
        """Return the endpoint named in an output, with the packages that it serves; None: there is none."""
        sagemaker = self.client("sagemaker")
        try:
            found = sagemaker.describe_endpoint(EndpointName=self.outputs[output])
        except sagemaker.exceptions.ClientError:
            return None
        config = sagemaker.describe_endpoint_config(EndpointConfigName=found["EndpointConfigName"])
        found["Packages"] = []
        for variant in config["ProductionVariants"]:
            model = sagemaker.describe_model(ModelName=variant["ModelName"])
            containers = model.get("Containers") or [model["PrimaryContainer"]]
            found["Packages"] += [one.get("ModelPackageName") for one in containers]
        return found

    def serves(self, output, package):
        """Tell whether an endpoint is in service with a package."""
        found = self.endpoint(output)
        return bool(
            found and found["EndpointStatus"] == "InService" and package in found["Packages"]
        )

    def decide(self, person, package, **members):
        """Change a package as somebody of operations."""
        return self.client("sagemaker", "OpsRoleArn", person).update_model_package(
            ModelPackageArn=package, **members
        )

    def register_like(self, package, model_data):
        """Register another version like a package, with an artifact of its own."""
        like = self.package(package)
        container = dict(like["InferenceSpecification"]["Containers"][0])
        kept = ("Image", "Environment", "Framework", "FrameworkVersion")
        container = {key: container[key] for key in kept if key in container}
        specification = dict(like["InferenceSpecification"])
        specification["Containers"] = [container | {"ModelDataUrl": model_data}]
        more = {key: like[key] for key in ("SamplePayloadUrl", "Domain", "Task") if key in like}
        return self.client("sagemaker").create_model_package(
            ModelPackageGroupName=like["ModelPackageGroupName"],
            InferenceSpecification=specification,
            ModelApprovalStatus="PendingManualApproval",
            **more,
        )["ModelPackageArn"]


def ended(begun, timeout):
    """Return a process that has come to its end; all that it said is in its stdout."""
    try:
        said, _ = begun.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        begun.kill()
        raise
    return subprocess.CompletedProcess(begun.args, begun.returncode, said, "")


def wait_for(what, look, within):
    """Return the first truth that a look gives."""
    end = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < end, f"{what}: not within {within} s"
        time.sleep(0.3)
    return found


def approved(who):
    return {"ModelApprovalStatus": "Approved", "ApprovalDescription": f"{who} looked at it"}


def production(status, who):
    cycle = {"Stage": "Production", "StageStatus": status, "StageDescription": f"by {who}"}
    return {"ModelLifeCycle": cycle}


def lines(*texts):
    """Return texts as a request's body."""
    return "".join(json.dumps({"features": [text]}) + "\n" for text in texts).encode()

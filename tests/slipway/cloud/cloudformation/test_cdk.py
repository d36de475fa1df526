"""The ordinary CDK CLI against the local cloud, from bootstrap to destroy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from stacks.assembly import write

BIN = Path(sys.executable).parent
pytestmark = pytest.mark.skipif(
    not (BIN / "cdk").exists(), reason="`make setup` installs the CDK CLI"
)


@pytest.fixture
def cdk(own_cloud, tmp_path):
    """Run the CDK CLI as a person does, who begins with nothing."""

    def run(*words, code=0):
        environ = own_cloud.environment() | {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "CDK_HOME": str(tmp_path / "cdk"),
            "HOME": str(tmp_path),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "AWS_ACCESS_KEY_ID": "slipway-123456789012",
        }
        ended = subprocess.run(
            [BIN / "cdk", *words, "--no-notices", "--no-color"],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        said = ended.stdout + ended.stderr
        assert ended.returncode == code, said
        return said

    return run


def note(value, **more):
    own = {"Type": "String", "Name": "/cdk/note", "Value": value} | more
    return {"Type": "AWS::SSM::Parameter", "Properties": own}


@pytest.mark.slow
def test_bootstrap_deploy_update_rollback_destroy_and_deploy_again(cdk, own_cloud, tmp_path):
    assembly = tmp_path / "assembly"
    bucket = {
        "Type": "AWS::S3::Bucket",
        "UpdateReplacePolicy": "Delete",
        "DeletionPolicy": "Delete",
    }
    deploy = ("deploy", "--all", "--app", str(assembly), "--require-approval", "never")
    stacks, ssm = own_cloud.client("cloudformation"), own_cloud.client("ssm")

    def state():
        (found,) = stacks.describe_stacks(StackName="cdk-app")["Stacks"]
        value = ssm.get_parameter(Name="/cdk/note")["Parameter"]["Value"]
        return found["StackStatus"], value

    write(assembly, "cdk-app", {"Note": note("one"), "Bucket": bucket})
    assert "Please run 'cdk bootstrap'" in cdk(*deploy, code=1)
    cdk("bootstrap", "aws://123456789012/us-east-1")
    cdk(*deploy)
    assert state() == ("CREATE_COMPLETE", "one")
    assert "(no changes)" in cdk(*deploy)
    bad = note("x", Name="/cdk/bad", Type="Nothing") | {"DependsOn": "Note"}
    write(assembly, "cdk-app", {"Note": note("two"), "Bucket": bucket, "Bad": bad})
    said = cdk(*deploy, code=1)
    assert "Value 'Nothing' at 'type'" in said
    assert state() == ("UPDATE_ROLLBACK_COMPLETE", "one")
    write(assembly, "cdk-app", {"Note": note("two"), "Bucket": bucket})
    assert "[~] AWS::SSM::Parameter Note" in cdk("diff", "--app", str(assembly))
    cdk(*deploy)
    assert state() == ("UPDATE_COMPLETE", "two")
    cdk("destroy", "--all", "--force", "--app", str(assembly))
    with pytest.raises(ClientError, match="does not exist"):
        stacks.describe_stacks(StackName="cdk-app")
    cdk(*deploy)
    assert state() == ("CREATE_COMPLETE", "two")

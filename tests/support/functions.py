"""Functions for tests: their zips, their role, and what they say."""

import base64
import contextlib
import io
import json
import textwrap
import zipfile

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def zipped(**files):
    """Return a zip of modules, by their names; `__` in a name stands for a folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".py", textwrap.dedent(text))
    return out.getvalue()


def role(cloud, name="lambda-tests"):
    """Return the ARN of a role that Lambda may assume and that may do everything."""
    iam = cloud.client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    return iam.get_role(RoleName=name)["Role"]["Arn"]


def made(cloud, name, code, **more):
    """Make a function of a module's text whose handler is `handler`; return its ARN."""
    request = {
        "FunctionName": name,
        "Runtime": "python3.12",
        "Handler": "main.handler",
        "Role": role(cloud),
        "Code": {"ZipFile": zipped(main=code)},
    }
    return cloud.client("lambda").create_function(**request | more)["FunctionArn"]


def invoked(cloud, name, event=None, **more):
    """Invoke a function; return what it says, its error, and the end of its log."""
    answer = cloud.client("lambda").invoke(
        FunctionName=name, Payload=json.dumps(event), LogType="Tail", **more
    )
    text = answer["Payload"].read()
    log = base64.b64decode(answer.get("LogResult", "")).decode()
    return json.loads(text or "null"), answer.get("FunctionError"), log

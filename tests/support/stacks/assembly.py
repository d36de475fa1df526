"""A cloud assembly as `cdk synth` writes it, made by hand: the CLI needs no app then."""

import hashlib
import json
from pathlib import Path
from typing import Any

ACCOUNT, REGION = "123456789012", "us-east-1"
BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
VERSION = "/cdk-bootstrap/hnb659fds/version"
FORM = "36.0.0"
RULES = {
    "CheckBootstrapVersion": {
        "Assertions": [
            {
                "Assert": {
                    "Fn::Not": [
                        {"Fn::Contains": [["1", "2", "3", "4", "5"], {"Ref": "BootstrapVersion"}]}
                    ]
                },
                "AssertDescription": "CDK bootstrap stack version 6 required.",
            }
        ]
    }
}


def role(kind: str) -> str:
    """Return the ARN of one of the roles that `cdk bootstrap` makes."""
    return (
        f"arn:${{AWS::Partition}}:iam::{ACCOUNT}:role/cdk-hnb659fds-{kind}-role-{ACCOUNT}-{REGION}"
    )


def write(folder: Path, name: str, resources: dict[str, Any], code: Path | None = None) -> None:
    """Write an assembly of one stack; `{CODE}` in it stands for the key of a folder of code."""
    folder.mkdir(exist_ok=True)
    files, key = {}, ""
    if code:
        key = hashlib.sha256((code / "index.py").read_bytes()).hexdigest()
        files[key] = asset(key, str(code), "zip")
    stored = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": VERSION}
    template = {
        "Resources": resources,
        "Parameters": {"BootstrapVersion": stored},
        "Rules": RULES,
    }
    text = json.dumps(template).replace("{CODE}", f"{key}.zip").replace("{BUCKET}", BUCKET)
    (folder / f"{name}.template.json").write_text(text)
    own = hashlib.sha256(text.encode()).hexdigest()
    files[own] = asset(own, f"{name}.template.json", "file")
    assets = {"version": FORM, "files": files, "dockerImages": {}}
    (folder / f"{name}.assets.json").write_text(json.dumps(assets))
    needs = {
        "requiresBootstrapStackVersion": 6,
        "bootstrapStackVersionSsmParameter": VERSION,
    }
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/{REGION}",
        "displayName": name,
        "dependencies": [f"{name}.assets"],
        "properties": {
            "templateFile": f"{name}.template.json",
            "assumeRoleArn": role("deploy"),
            "cloudFormationExecutionRoleArn": role("cfn-exec"),
            "stackTemplateAssetObjectUrl": f"s3://{BUCKET}/{own}.json",
            "additionalDependencies": [f"{name}.assets"],
            **needs,
        },
    }
    manifest = {
        "version": FORM,
        "artifacts": {
            f"{name}.assets": {
                "type": "cdk:asset-manifest",
                "properties": {"file": f"{name}.assets.json", **needs},
            },
            name: stack,
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def asset(key: str, path: str, packaging: str) -> dict[str, Any]:
    """Return one file of an asset manifest."""
    end = "zip" if packaging == "zip" else "json"
    place = {
        "bucketName": BUCKET,
        "objectKey": f"{key}.{end}",
        "region": REGION,
        "assumeRoleArn": role("file-publishing"),
    }
    return {"source": {"path": path, "packaging": packaging}, "destinations": {"here": place}}

"""The whole app, synthesized once for each sample: what all checks say about the same templates."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
import yaml

from infra.app import run
from infra.constructs.policy import wildcards
from infra.constructs.wildcards import documents, unexplained
from infra.costs import PAGE, at_rest, page, read_prices
from infra.settings.load import ENVIRONMENTS, load
from infra.settings.samples.comprehensive import SETTINGS as COMPREHENSIVE
from infra.settings.samples.minimal import SETTINGS as MINIMAL
from synthesis import ROOT, Assembly, new_app, readable, synthesize

SNAPSHOTS = Path(__file__).with_name("snapshots")
HASH = re.compile(r"\b[0-9a-f]{32}(?:[0-9a-f]{32})?\b")  # of code and weights, which change alone
SAMPLES = {"minimal": MINIMAL, "comprehensive": COMPREHENSIVE}


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assembly]:
    """The samples and environments, without a finding of cdk-nag or of the IAM lint."""
    settings = {**SAMPLES, **{name: load(name) for name in ENVIRONMENTS}}
    return {
        name: synthesize(each, tmp_path_factory.mktemp(name)) for name, each in settings.items()
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_templates_are_as_they_were(assemblies: dict[str, Assembly], sample: str) -> None:
    folder = SNAPSHOTS / sample
    found = {
        stack: HASH.sub("<hash>", yaml.safe_dump(readable(template), sort_keys=True, width=120))
        for stack, template in assemblies[sample].templates.items()
    }
    if os.environ.get("UPDATE_SNAPSHOTS"):
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.yaml"):
            old.unlink()
        for stack, text in found.items():
            (folder / f"{stack}.yaml").write_text(text)
    kept = {path.stem: path.read_text() for path in sorted(folder.glob("*.yaml"))}
    assert found.keys() == kept.keys()
    for stack, text in found.items():
        assert text == kept[stack], f"{sample}/{stack}: UPDATE_SNAPSHOTS=1 takes what is new"


def test_cfn_lint_finds_nothing(assemblies: dict[str, Assembly]) -> None:
    # Of dev, what is otherwise where data goes with its stack.
    parts = ("lake", "studio", "warehouse")
    dev = [path for path in files(assemblies["dev"]) if path.name.split(".")[0].endswith(parts)]
    assert len(dev) == len(parts)
    templates = [str(path) for path in (*files(assemblies["comprehensive"]), *dev)]
    # W3005: a dependency that a reference implies too does no harm.
    command = [Path(sys.executable).with_name("cfn-lint"), "--ignore-checks", "W3005", "--"]
    found = subprocess.run([*command, *templates], capture_output=True, text=True, check=False)
    assert found.stdout == ""
    assert found.returncode == 0


def test_every_wildcard_has_a_reason(assemblies: dict[str, Assembly]) -> None:
    count = 0
    for assembly in assemblies.values():
        for template in assembly.templates.values():
            assert list(unexplained(template)) == []
            for resource in template["Resources"].values():
                count += sum(1 for each in documents(resource) for _ in wildcards(each))
    assert count > 50  # the lint has seen the policies


def test_two_syntheses_write_the_same_bytes(
    assemblies: dict[str, Assembly], tmp_path: Path
) -> None:
    second = synthesize(load("dev"), tmp_path / "second").folder
    first = assemblies["dev"].folder
    for pattern in ("*.template.json", "*.assets.json", "manifest.json", "asset.*/**/*"):
        names = {
            str(path.relative_to(first)): path.read_bytes()
            for path in first.glob(pattern)
            if path.is_file()
        }
        assert names
        assert names == {
            str(path.relative_to(second)): path.read_bytes()
            for path in second.glob(pattern)
            if path.is_file()
        }
        assert not [name for name in names if "__pycache__" in name]


def test_the_page_of_costs_is_current(assemblies: dict[str, Assembly]) -> None:
    prices = read_prices()
    found = {
        name: at_rest(list(assemblies[name].templates.values()), prices) for name in ENVIRONMENTS
    }
    assert page(found, prices) == PAGE.read_text(), "`python -m infra.costs` writes it anew"


def test_everything_has_the_tags(assemblies: dict[str, Assembly]) -> None:
    tagged = 0
    for _, logical_id, resource in assemblies["comprehensive"].resources():
        tags = resource.get("Properties", {}).get("Tags")
        if tags is None:
            continue
        found = tags if isinstance(tags, dict) else {each["Key"]: each["Value"] for each in tags}
        assert COMPREHENSIVE.tags.items() <= found.items(), logical_id
        tagged += 1
    assert tagged > 30


def test_data_survives_where_it_is_to_and_goes_where_not(assemblies: dict[str, Assembly]) -> None:
    kinds = (
        "AWS::S3::Bucket",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::SecretsManager::Secret",
        "AWS::DynamoDB::Table",
        "AWS::RedshiftServerless::Namespace",
        "AWS::SageMaker::MlflowApp",
        "AWS::SageMaker::ModelPackageGroup",
    )
    for name, policy in (("comprehensive", "Retain"), ("prod", "Retain"), ("dev", "Delete")):
        found = [each for _, _, each in assemblies[name].resources() if each["Type"] in kinds]
        assert len(found) > 8
        assert {each["DeletionPolicy"] for each in found} == {policy}
        assert protected(assemblies[name]) == {policy == "Retain"}
    emptied = {
        resource["Properties"]["BucketName"]["Ref"]
        for _, _, resource in assemblies["dev"].resources()
        if resource["Type"] == "Custom::EmptyBucket"
    }
    buckets = [id_ for _, id_, each in assemblies["dev"].resources() if each["Type"] == kinds[0]]
    assert emptied == set(buckets)


def protected(assembly: Assembly) -> set[bool]:
    """Return whether the stacks are protected from deletion."""
    manifest = json.loads((assembly.folder / "manifest.json").read_text())
    return {
        each["properties"].get("terminationProtection", False)
        for each in manifest["artifacts"].values()
        if each["type"] == "aws:cloudformation:stack"
    }


def test_nothing_is_open_to_the_world(assemblies: dict[str, Assembly]) -> None:
    for name in ("dev", "minimal"):
        for _, logical_id, resource in assemblies[name].resources():
            rules = [resource.get("Properties", {})]
            for key in ("SecurityGroupIngress", "SecurityGroupEgress"):
                found = rules[0].get(key, [])
                rules += found if isinstance(found, list) else []
            for rule in rules:
                cidr = rule.get("CidrIp", "")
                # The CDK's way to write "no egress": an address that nobody has.
                assert cidr in ("", "255.255.255.255/32"), logical_id
            assert resource["Type"] not in ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway")


def test_a_finding_of_cdk_nag_fails_the_synthesis(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from aws_cdk import aws_sns as sns

    from infra import app as module

    def build(app: cdk.App, settings: object) -> None:
        real(app, settings)
        sns.Topic(cdk.Stack(app, "Extra"), "Open")

    real = module.build
    monkeypatch.setattr(module, "build", build)
    monkeypatch.setattr(module, "load", lambda name: MINIMAL)
    app = new_app(tmp_path)
    assert run(app, {}) == 1
    out = capfd.readouterr()
    assert "SNS3" in out.out + out.err
    assert "correct the findings, or acknowledge them with a reason" in out.err


def test_a_name_that_two_resources_have_is_one_line_and_exit_code_1(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from aws_cdk import aws_athena as athena

    def build(app: cdk.App, settings: object) -> None:
        for name in ("One", "Other"):
            athena.CfnWorkGroup(cdk.Stack(app, name), "Group", name="reviews")

    monkeypatch.setattr("infra.app.build", build)
    app = new_app(tmp_path)
    assert run(app, {}) == 1
    assert capfd.readouterr().err == (
        "slipway: AWS::Athena::WorkGroup 'reviews': expected one resource of this name, found "
        "One/Group and Other/Group; rename one\n"
    )


def test_a_person_s_mistake_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    app = cdk.App(context={"environment": "qa"})
    assert run(app, {}) == 1
    assert capsys.readouterr().err == (
        "slipway: expected -c environment=dev|staging|prod, found 'qa'\n"
    )


def files(assembly: Assembly) -> list[Path]:
    return sorted(assembly.folder.glob("*.template.json"))


@pytest.mark.slow
def test_the_cli_needs_no_network_and_no_credentials(
    assemblies: dict[str, Assembly], tmp_path: Path
) -> None:
    environ = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": os.environ["HOME"],  # where jsii has unpacked the CDK
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTPS_PROXY": "http://localhost:9",
    }
    command = [Path(sys.executable).with_name("cdk"), "synth", "-q", "-o", tmp_path / "out"]
    found = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert len(files(Assembly(tmp_path / "out"))) == len(files(assemblies["dev"]))
    # Another process, another folder of the sources: the assets are the same.
    assets = [
        {path.name for path in folder.glob("asset.*")}
        for folder in (tmp_path / "out", assemblies["dev"].folder)
    ]
    assert assets[0] == assets[1] != set()

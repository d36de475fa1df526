"""Settings: what cannot be deployed is said in one line, before anything is built."""

import ast
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest

from infra.settings.check import SettingsError, faults, resolved
from infra.settings.load import ENVIRONMENTS, load
from infra.settings.machine_learning import Delivery, Ml, Operations, Triggers
from infra.settings.model import Lake, Network, Settings, Studio, Team, Warehouse
from infra.settings.samples.comprehensive import SETTINGS as COMPREHENSIVE

SETTINGS = Path(__file__).resolve().parents[2] / "infra" / "settings"
GOOD = Settings(environment="dev", owner="team@example.com", cost_center="ml")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_has_settings_without_fault(environment: str) -> None:
    settings = load(environment)
    assert settings.environment == environment
    assert list(faults(settings)) == []


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="found 'qa'"):
        load("qa")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"application": "Slip way"}, "`application`: expected 2 to 15 of a-z"),
        ({"owner": "me"}, "`owner`: expected a mail address, found 'me'"),
        ({"account": "1234"}, "`account`: expected 12 digits, found '1234'"),
        ({"region": "Virginia"}, "`region`: expected an AWS region"),
        ({"data_classification": "secret"}, "`data_classification`: expected one of public"),
        ({"network": Network(cidr="10.0.0.0/24")}, "`network.cidr`: expected an IPv4 network"),
        ({"network": Network(availability_zones=1)}, "`network.availability_zones`: expected 2"),
        ({"network": Network(interface_endpoints=("s4",))}, "found 's4'"),
        ({"lake": Lake(raw_prefix="reviews")}, "`lake.raw_prefix`: expected folders"),
        ({"ml": Ml(group_name="a b")}, "`ml.group_name`: expected up to 63"),
        ({"ml": Ml(job_instance_types=("m5",))}, "expected types such as ml.m5.large, found 'm5'"),
        ({"triggers": Triggers(quiet_seconds=1)}, "`triggers.quiet_seconds`: expected 2 to 3600"),
        ({"triggers": Triggers(schedule="nightly")}, "`triggers.schedule`: expected cron(…)"),
        ({"delivery": Delivery(canary_percent=80)}, "`delivery.canary_percent`: expected 1 to 50"),
        ({"delivery": Delivery(alarm_period=90)}, "`delivery.alarm_period`: expected 10, 30, 60"),
        ({"operations": Operations(errors=2)}, "`operations.errors`: expected 0 to 1, found 2"),
        ({"lake": Lake(scan_cutoff_bytes=1)}, "`lake.scan_cutoff_bytes`: expected at least 10 MB"),
        ({"lake": Lake(teams=(Team("bi", "gold", "x/", ()),))}, "`lake.teams name`: expected 3"),
        ({"warehouse": Warehouse(base_capacity=12)}, "`warehouse.base_capacity`: expected 8 to"),
        ({"studio": Studio(idle_minutes=5)}, "`studio.idle_minutes`: expected 60 to"),
    ],
    ids=lambda value: (
        None if isinstance(value, dict) else value.split("`")[1 % (value.count("`") + 1)]
    ),
)
def test_a_wrong_value_is_named_with_what_was_expected(change: dict, said: str) -> None:
    assert said in next(faults(replace(GOOD, **change)))


def test_credentials_of_another_account_or_region_are_refused() -> None:
    ours = replace(GOOD, account="111111111111", region="eu-west-1")
    environ = {"CDK_DEFAULT_ACCOUNT": "222222222222", "CDK_DEFAULT_REGION": "eu-west-1"}
    with pytest.raises(SettingsError, match="expected account 111111111111, found credentials for"):
        resolved(ours, environ)
    environ = {"CDK_DEFAULT_ACCOUNT": "111111111111", "CDK_DEFAULT_REGION": "us-east-1"}
    with pytest.raises(
        SettingsError, match="expected region eu-west-1, found credentials for us-e"
    ):
        resolved(ours, environ)


def test_account_and_region_come_from_settings_then_credentials_then_deployment() -> None:
    here = {"CDK_DEFAULT_ACCOUNT": "222222222222", "CDK_DEFAULT_REGION": "eu-west-1"}
    assert resolved(GOOD, here).account == "222222222222"
    assert resolved(replace(GOOD, account="222222222222"), here).region == "eu-west-1"
    assert resolved(GOOD, {}).account is None


@pytest.mark.parametrize("file", sorted(SETTINGS.glob("*.py")), ids=lambda path: path.stem)
def test_every_key_has_a_comment_above_it(file: Path) -> None:
    lines = file.read_text().splitlines()
    classes = [each for each in ast.parse(file.read_text()).body if isinstance(each, ast.ClassDef)]
    for owner in classes:
        for field in owner.body:
            if isinstance(field, ast.AnnAssign):
                above = lines[field.lineno - 2].strip()
                assert above.startswith("# "), f"{owner.name}.{ast.unparse(field.target)}"


def test_the_comprehensive_sample_sets_every_key() -> None:
    same = {
        f"{section.name}.{field.name}"
        for section in fields(COMPREHENSIVE)
        if is_dataclass(value := getattr(COMPREHENSIVE, section.name))
        for field in fields(value)
        if getattr(value, field.name) == field.default
    }
    # What goes with its region, what cannot be more, and what would leave something out.
    assert same == {
        "network.availability_zones",
        "network.s3_prefix_list",
        "network.dynamodb_prefix_list",
        "ml.mlflow",
        "operations.config_recorder",
        "github.creates_provider",
    }

"""The app: `cdk synth` and `cdk deploy` run it. The stacks of one environment, checked by cdk-nag."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
import cdk_nag

from infra.constructs import reviews_pipeline
from infra.constructs.names import clashes
from infra.constructs.wildcards import WildcardReasons
from infra.settings.check import SettingsError, resolved
from infra.settings.load import load
from infra.settings.model import Settings
from infra.stacks.delivery import Delivery
from infra.stacks.github import Github
from infra.stacks.lake import Lake
from infra.stacks.ml import Ml
from infra.stacks.network import Network
from infra.stacks.operations import Operations
from infra.stacks.studio import Studio
from infra.stacks.triggers import Triggers
from infra.stacks.warehouse import Warehouse

PACKS = (cdk_nag.AwsSolutionsChecks, cdk_nag.NIST80053R5Checks, cdk_nag.HIPAASecurityChecks)


def run(app: cdk.App, environ: Mapping[str, str]) -> int:
    """Synthesize the environment that `-c environment=` names; 1 and one line for a person's mistake."""
    try:
        environment = app.node.try_get_context("environment") or "dev"
        build(app, resolved(load(str(environment)), environ))
    except SettingsError as error:
        print(f"slipway: {error}", file=sys.stderr)
        return 1
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
        print(error, file=sys.stderr)
        print("slipway: correct the findings, or acknowledge them with a reason", file=sys.stderr)
        return 1
    templates = {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in sorted(Path(app.outdir).glob("*.template.json"))
    }
    for clash in clashes(templates):
        print(f"slipway: {clash}", file=sys.stderr)
        return 1
    return 0


def build(app: cdk.App, settings: Settings) -> None:
    """Add the stacks of an environment to the app, and their checks."""
    add_stacks(app, settings)
    add_checks(app)


def add_stacks(app: cdk.App, settings: Settings) -> None:
    """Add the stacks of an environment to the app, with their tags."""
    reviews_pipeline.begin(reviews_pipeline.region_of(settings))  # takes seconds, beside the rest
    network = Network(app, settings)
    lake = Lake(app, settings, network)
    if settings.warehouse:
        Warehouse(app, settings, settings.warehouse, network, lake)
    if settings.github:
        Github(app, settings, settings.github)
    ml = Ml(app, settings, network, lake)
    if settings.studio:
        Studio(app, settings, settings.studio, network, lake, ml.roles)
    triggers = Triggers(app, settings, network, lake, ml)
    delivery = Delivery(app, settings, network, lake, ml)
    Operations(app, settings, network, lake, ml, triggers, delivery)
    for key, value in settings.tags.items():
        cdk.Tags.of(app).add(key, value)


def add_checks(app: cdk.App) -> None:
    """Let the synthesis fail for a finding of cdk-nag or of the lint of policies."""
    cdk.Validations.of(app).add_plugins(WildcardReasons(app), *(pack(app) for pack in PACKS))


if __name__ == "__main__":
    # The CDK's own check of templates takes a third of a synthesis and only warns; cfn-lint runs in the tests.
    sys.exit(run(cdk.App(builtin_cloud_formation_validation=False), os.environ))

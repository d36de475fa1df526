"""Every property that AWS specifies is honored, ignored with a reason, or refused with one; and the page says it."""

import importlib.util
from pathlib import Path

import pytest

from resources.every import EXAMPLES

# Types whose tests are beside the examples: what they make takes processes, or one is all there can be
ELSEWHERE = {
    "AWS::Config::ConfigurationRecorder",
    "AWS::IAM::AccessKey",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::InferenceComponent",
}
SCRIPT = Path(__file__).parents[4] / "scripts" / "cloudformation_types.py"
spec = importlib.util.spec_from_file_location("cloudformation_types", SCRIPT)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
KINDS = script.kinds()

# What the specification calls a property, though AWS says it and no template does
SHOWN = {
    "AWS::RedshiftServerless::Workgroup": {"Workgroup"},
    "AWS::SageMaker::ModelPackage": {"ModelPackageVersion"},
}
# What AWS replaces a resource for, and the local cloud does not: its API changes it in place
IN_PLACE = {
    "AWS::SageMaker::DataQualityJobDefinition": {"Tags"},
    "AWS::SageMaker::ModelBiasJobDefinition": {"Tags"},
    "AWS::SageMaker::ModelExplainabilityJobDefinition": {"Tags"},
    "AWS::SageMaker::ModelPackage": {"ValidationSpecification"},
    "AWS::SageMaker::ModelQualityJobDefinition": {"Tags"},
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_property_of_the_specification_has_its_place(name):
    kind, found = KINDS[name], script.specified(name)
    other = {*kind.ignored, *kind.refused}
    assert found.properties - script.honored(kind) - other == SHOWN.get(name, set())
    assert other <= found.properties
    lost = found.create_only & script.honored(kind) - kind.replacing
    assert lost == IN_PLACE.get(name, set())
    assert kind.replacing <= found.properties


def test_every_type_has_an_example():
    assert KINDS.keys() - {example.kind for example in EXAMPLES} <= ELSEWHERE


def test_the_page_says_what_the_code_does():
    assert script.PAGE.read_text() == script.page(), "stale: run `make coverage`"

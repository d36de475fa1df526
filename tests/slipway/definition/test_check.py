"""What CreatePipeline refuses."""

import json

import pytest

from slipway.definition.check import check
from slipway.definition.errors import DefinitionError

from .samples import get, processing, step, training

OUTPUT = "Steps.Prepare.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"


def pipeline(*steps, parameters=()):
    return json.dumps(
        {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
    )


def refusal(operation_model, *steps, **members):
    with pytest.raises(DefinitionError) as caught:
        check(pipeline(*steps, **members), operation_model)
    return str(caught.value)


def test_a_definition_that_sagemaker_takes_is_returned(operation_model):
    train = training("Train", {"Environment": {"DATA": get(OUTPUT)}})
    checked = check(pipeline(processing("Prepare"), train), operation_model)
    assert [each.name for each in checked.steps] == ["Prepare", "Train"]


def test_faults_of_every_sort_are_in_one_refusal(operation_model):
    text = refusal(
        operation_model,
        training("Train", {"Environment": {"DATA": get("Parameters.Missing")}, "Tag": []}),
        step("Call", DependsOn=["Trian"], FunctionArn="f"),
    )
    assert text.startswith("Unable to parse pipeline definition. ")
    assert "Unknown parameter 'Missing'" in text
    assert "Unknown Argument member 'Tag'. Did you mean 'Tags'?" in text
    assert "unknown step 'Trian'. Did you mean 'Train'?" in text


def test_a_reference_of_the_wrong_type_is_refused_without_the_prefix(operation_model):
    train = training("Train", {"HyperParameters": {"n": get("Parameters.N")}})
    parameters = [{"Name": "N", "Type": "Integer", "DefaultValue": 1}]
    assert refusal(operation_model, train, parameters=parameters).startswith(
        "Cannot assign property reference [Parameters.N] to argument of type [String]."
    )


def test_what_only_lint_minds_is_not_refused(operation_model):
    train = training("Train", CacheConfig={"Enabled": True})
    unused = [{"Name": "Unused", "Type": "String"}]
    assert check(pipeline(train, parameters=unused), operation_model).parameters

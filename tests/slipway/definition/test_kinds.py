"""What kind of value a reference stands for."""

import pytest

from slipway.definition.kinds import Kind, Kinds, UnknownProperty
from slipway.definition.references import StepProperty, parse_get

from .samples import condition, definition, equal, step

OUTPUTS = [{"OutputName": "n", "OutputType": "Integer"}]
STEPS = (
    step("Train", "Training"),
    step("Prepare", "Processing"),
    step("Tune", "Tuning"),
    step("Auto", "AutoML"),
    step("Model", "Model"),
    step("Register", "RegisterModel"),
    step("Call", "Lambda", OutputParameters=OUTPUTS),
    step("Check", "QualityCheck"),
    step("Bias", "ClarifyCheck"),
    step("Cluster", "EMR"),
    step("Work", "Job"),
    step("End", "Fail"),
    condition("Decide", [equal(1, 1)]),
)


@pytest.fixture(scope="module")
def kinds(operation_model):
    parameters = [{"Name": "Rate", "Type": "Float"}]
    return Kinds(definition(*STEPS, parameters=parameters), operation_model)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Parameters.Rate", Kind.FLOAT),
        ("Execution.StartDateTime", Kind.STRING),
        ("Steps.Train.ModelArtifacts.S3ModelArtifacts", Kind.STRING),
        ("Steps.Train.ModelArtifacts", Kind.OBJECT),
        ("Steps.Train.FinalMetricDataList", Kind.LIST),
        ("Steps.Train.FinalMetricDataList['loss'].Value", Kind.FLOAT),
        ("Steps.Train.FinalMetricDataList[0].Value", Kind.FLOAT),
        ("Steps.Train.HyperParameters['x']", Kind.STRING),
        ("Steps.Train.EnableManagedSpotTraining", Kind.BOOLEAN),
        ("Steps.Train.OutputModelPackageArn", Kind.STRING),
        ("Steps.Train.NotebookJobOutputLocationPrefix", Kind.STRING),
        ("Steps.Prepare.ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri", Kind.STRING),
        ("Steps.Prepare.ProcessingInputs['code'].S3Input.S3Uri", Kind.STRING),
        ("Steps.Prepare.ExitMessage", Kind.STRING),
        ("Steps.Tune.BestTrainingJob.TrainingJobName", Kind.STRING),
        ("Steps.Tune.TrainingJobSummaries[3].TrainingJobName", Kind.STRING),
        ("Steps.Auto.BestCandidate.InferenceContainers[0].Environment['A']", Kind.STRING),
        ("Steps.Auto.BestCandidateProperties.ModelInsightsJsonReportPath", Kind.ANY),
        ("Steps.Model.ModelName", Kind.STRING),
        ("Steps.Register.ModelPackageArn", Kind.STRING),
        ("Steps.Call.OutputParameters['n']", Kind.INTEGER),
        ("Steps.Check.CalculatedBaselineStatistics", Kind.STRING),
        ("Steps.Cluster.Config.Args[0]", Kind.ANY),
        ("Steps.Work.JobConfigDocument.Out.Arn", Kind.ANY),
        ("Steps.Decide.Outcome", Kind.ANY),
    ],
)
def test_documented_properties(kinds, text, kind):
    reference = parse_get(text)
    assert kinds.of(reference) is kind
    if isinstance(reference, StepProperty):
        assert kinds.property(kinds.steps[reference.step], reference.path) is kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Steps.Train.ModelArtifact.X",
            "no property 'ModelArtifact'. Did you mean 'ModelArtifacts'?",
        ),
        ("Steps.Train.ModelArtifacts.Uri", "no property 'Uri' in ModelArtifacts."),
        ("Steps.Train.TrainingJobName.X", "TrainingJobName is a string, it has no parts."),
        ("Steps.Train.FinalMetricDataList.Value", "is a list: expected an index"),
        ("Steps.Train.InputDataConfig['train']", "is a list: expected an index"),
        ("Steps.Call.OutputParameters['m']", "It has no output 'm'. Known: n."),
        ("Steps.Call.OutputParameters['n'].x", "it has no parts"),
        ("Steps.Call.Outputs['n']", "Expected OutputParameters['name']."),
        ("Steps.Bias.CalculatedBaselineStatistics", "no property 'CalculatedBaselineStatistics'"),
        ("Steps.End.ErrorMessage", "A Fail step has no properties."),
        ("Steps.Decide.Result", "There is no property 'Result'. Known: Outcome."),
    ],
)
def test_what_a_step_does_not_have(kinds, text, message):
    reference = parse_get(text)
    assert kinds.of(reference) is Kind.ANY
    with pytest.raises(UnknownProperty) as caught:
        kinds.property(kinds.steps[reference.step], reference.path)
    assert message in str(caught.value)

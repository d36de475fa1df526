"""What CreatePipeline and UpdatePipeline do with a definition before they keep it."""

from collections.abc import Mapping

from slipway.definition.errors import DefinitionError
from slipway.definition.kinds import OperationModel
from slipway.definition.lint import RULES, lint
from slipway.definition.model import Definition, Json
from slipway.definition.parse import parse

_REFUSING = tuple(rule for rule in RULES if rule.refused)


def check(source: str | Mapping[str, Json], operation_model: OperationModel) -> Definition:
    """Return the definition if SageMaker would take it.

    `operation_model` is `ServiceModel.operation_model` of botocore's SageMaker model. Raises
    DefinitionError, whose text is that of the ValidationException, with every fault: of form, of
    names and references, of order, and of each step's Arguments.
    """
    definition = parse(source)
    findings = lint(definition, operation_model, _REFUSING)
    if findings:
        raise DefinitionError(finding.fault for finding in findings)
    return definition

"""Property files: what Std:JsonGet reads."""

from collections.abc import Iterator

from slipway.definition.errors import did_you_mean
from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.references import JsonGet, PropertyFileReference


def unknown_property_file(subject: Subject) -> Iterator[Problem]:
    """A Std:JsonGet of a property file that the step does not declare."""
    for step, where, expression in subject.expressions:
        match expression:
            case JsonGet(PropertyFileReference(name, file), _) if name in subject.by_name:
                declared = [each.name for each in subject.by_name[name].property_files]
                if file not in declared:
                    hint = did_you_mean(file, declared)
                    yield Problem(
                        f"Step '{name}' declares no property file '{file}'.{hint}",
                        "Declare it in the step's PropertyFiles, or correct the name.",
                        step.name,
                        where,
                    )


def property_file_output(subject: Subject) -> Iterator[Problem]:
    """A property file in an output that the step does not have."""
    for step in subject.steps:
        for file in step.property_files:
            if subject.output(step, file.output_name) is None:
                yield Problem(
                    f"Property file '{file.name}' is in the output '{file.output_name}', "
                    "which the step does not have.",
                    "Correct OutputName, or add the output to ProcessingOutputConfig.",
                    step.name,
                    "PropertyFiles",
                )


def continuous_property_file(subject: Subject) -> Iterator[Problem]:
    """A property file in an output that is uploaded continuously."""
    for step in subject.steps:
        for file in step.property_files:
            target = (subject.output(step, file.output_name) or {}).get("S3Output")
            if isinstance(target, dict) and target.get("S3UploadMode") == "Continuous":
                yield Problem(
                    f"The output of property file '{file.name}' is uploaded continuously; "
                    "at the end of the job the file may not be there yet.",
                    "Set S3UploadMode to EndOfJob.",
                    step.name,
                    "PropertyFiles",
                )


def duplicate_property_file(subject: Subject) -> Iterator[Problem]:
    """Two property files of one name in a step."""
    for step in subject.steps:
        names = [file.name for file in step.property_files]
        for name in {name for name in names if names.count(name) > 1}:
            message = f"Property file name '{name}' is used more than once."
            yield Problem(message, "Give each its own name.", step.name, "PropertyFiles")


RULES = (
    Rule("unknown-property-file", Severity.ERROR, unknown_property_file, refused=True),
    Rule("property-file-output", Severity.ERROR, property_file_output),
    Rule("continuous-property-file", Severity.WARNING, continuous_property_file),
    Rule("duplicate-property-file", Severity.ERROR, duplicate_property_file, refused=True),
)

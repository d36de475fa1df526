"""FindModel and CreateModel: the latest approved version of the group, found when the pipeline runs.

A lookup while the definition is built would fix the model for good; CreateModel takes a version and no
group. So a small job asks the registry, and the model is made from what it wrote. It is the one job that
needs a network and calls AWS, which is why its script is here and not with the workload.
"""

from pathlib import Path
from typing import Any

from sagemaker.core.workflow.functions import JsonGet
from sagemaker.core.workflow.properties import Properties, PropertyFile
from sagemaker.mlops.workflow.steps import ConfigurableRetryStep, ProcessingStep, StepTypeEnum

from reviews_steps.batch_parameters import BatchParameters
from reviews_steps.jobs import FOLDER, processor, result, sklearn_image, source
from reviews_steps.platform import Platform

SCRIPT = Path(__file__).with_name("latest_approved.py")
FOUND = PropertyFile(name="ApprovedModel", output_name="model", path="model.json")


def find_step(platform: Platform, parameters: BatchParameters, pipeline: str) -> ProcessingStep:
    """Return the step that finds the version; without a cache, as the answer changes."""
    finder = processor(
        platform,
        sklearn_image(platform.session),
        "ml.t3.medium",
        1,
        ["python3", f"{FOLDER}/input/code/{SCRIPT.name}"],
        isolated=False,
        max_runtime=600,
    )
    code = {SCRIPT.name: SCRIPT.read_bytes()}
    group = parameters.model_package_group_name
    arguments = finder.run(
        inputs=[source("code", platform.upload(pipeline, "code", code))],
        outputs=[result("model", "model")],
        arguments=[group.to_string(), f"{FOLDER}/output/model/model.json"],
    )
    return ProcessingStep(name="FindModel", step_args=arguments, property_files=[FOUND])


def package_arn(find: ProcessingStep) -> JsonGet:
    """Return the ARN of the version that was found."""
    return JsonGet(step_name=find.name, property_file=FOUND, json_path="model_package_arn")


class ModelOfPackageStep(ConfigurableRetryStep):
    """A step that makes a model of a model package, for which ModelBuilder and ModelStep have no way."""

    def __init__(self, name: str, role: str, package: JsonGet) -> None:
        """Take the ARN of the model's role, and that of the package as the service will fill it in."""
        super().__init__(name, StepTypeEnum.CREATE_MODEL)
        self._request = {
            "ExecutionRoleArn": role,
            "PrimaryContainer": {"ModelPackageName": package},
        }

    @property
    def arguments(self) -> dict[str, Any]:
        """The request to CreateModel."""
        return self._request

    @property
    def properties(self) -> Properties:
        """What DescribeModel says of the model."""
        return Properties(step_name=self.name, step=self, shape_name="DescribeModelOutput")


def model_step(role: str, find: ProcessingStep) -> ModelOfPackageStep:
    """Return the step that makes a model of the version."""
    return ModelOfPackageStep("CreateModel", role, package_arn(find))

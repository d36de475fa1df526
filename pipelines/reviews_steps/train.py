"""Train: a BERT-family encoder and a classifier's head, in AWS's TensorFlow container."""

from pathlib import Path
from typing import Any

from pydantic import PrivateAttr
from sagemaker.core.shapes import (
    Channel,
    CheckpointConfig,
    MetricDefinition,
    OutputDataConfig,
    StoppingCondition,
    Tag,
)
from sagemaker.core.training.configs import Compute, InputData, Networking, SourceCode
from sagemaker.core.workflow.functions import Join
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.train import ModelTrainer

from reviews.training.metric_lines import METRIC_DEFINITIONS
from reviews_steps.debugger import DebuggedTrainingStep, debugger_members
from reviews_steps.features import output_uri
from reviews_steps.jobs import CACHE, MAX_RUNTIME, PIPELINE, tensorflow_image
from reviews_steps.parameters import Parameters
from reviews_steps.platform import Platform
from reviews_steps.sources import code, handlers, requirements

SCRIPT = "train.py"


class Trainer(ModelTrainer):
    """A ModelTrainer that uploads the SDK's own drivers under the hash of their content.

    Its own keys hold the time of the build, so no definition would equal the last and no cache would hit.
    """

    _platform: Platform = PrivateAttr()

    def __init__(self, platform: Platform, **options: Any) -> None:
        """Take the platform, and the arguments of a ModelTrainer."""
        super().__init__(sagemaker_session=platform.session, **options)
        self._platform = platform

    def create_input_data_channel(
        self, channel_name: str, data_source: Any, key_prefix: str | None = None, **options: Any
    ) -> Channel:
        """Upload a local folder under its hash, and make the channel of that."""
        if isinstance(data_source, str) and Path(data_source).is_dir():
            folder = Path(data_source)
            files = {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file() and "__pycache__" not in path.parts
            }
            data_source = self._platform.upload(PIPELINE, channel_name, files)
        return super().create_input_data_channel(channel_name, data_source, **options)


def training_step(
    platform: Platform,
    parameters: Parameters,
    features: ProcessingStep,
    *,
    managed_debugger: bool = False,
) -> TrainingStep:
    """Return the step; the model is its artifact. `managed_debugger` adds SageMaker Debugger."""
    settings = {
        "epochs": parameters.epochs,
        "learning_rate": parameters.learning_rate,
        "epsilon": parameters.epsilon,
        "train_batch_size": parameters.train_batch_size,
        "validation_batch_size": parameters.validation_batch_size,
        "train_steps_per_epoch": parameters.train_steps_per_epoch,
        "validation_steps": parameters.validation_steps,
        "freeze_bert_layer": parameters.freeze_bert_layer,
    }
    hyperparameters = {name: value.to_string() for name, value in settings.items()}
    root = f"s3://{platform.bucket}/{PIPELINE}"
    security = platform.security
    # The job writes the handlers into its artifact, which so can be deployed without being repacked.
    bundle = code(SCRIPT) | handlers() | requirements("requirements.txt")
    trainer = Trainer(
        platform,
        role=platform.roles.training,
        base_job_name=PIPELINE,
        training_image=tensorflow_image(platform.session, "training", "ml.c5.9xlarge"),
        source_code=SourceCode(
            source_dir=platform.upload(PIPELINE, "code", bundle),
            entry_script=SCRIPT,
            requirements="requirements.txt",
        ),
        compute=Compute(
            instance_type=parameters.training_instance_type,
            instance_count=parameters.training_instance_count,
            volume_size_in_gb=30,
            volume_kms_key_id=security.key,
        ),
        networking=Networking(
            enable_network_isolation=True,
            subnets=list(security.subnets) or None,
            security_group_ids=list(security.security_groups) or None,
            enable_inter_container_traffic_encryption=security.encrypt_traffic or None,
        ),
        tags=[Tag(key=key, value=value) for key, value in security.tags.items()] or None,
        stopping_condition=StoppingCondition(max_runtime_in_seconds=MAX_RUNTIME),
        hyperparameters=hyperparameters,
        environment={"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1"},
        output_data_config=OutputDataConfig(
            s3_output_path=f"{root}/models", kms_key_id=security.key
        ),
        # A training that is tried again goes on from its last epoch; one with other features or
        # other settings starts afresh. The execution's id has no place here: it is part of the
        # cache key.
        checkpoint_config=CheckpointConfig(
            s3_uri=Join(
                on="/",
                values=[
                    f"{root}/checkpoints",
                    features.properties.ProcessingJobName,
                    *(
                        value
                        for name, value in hyperparameters.items()
                        if name not in {"epochs", "validation_batch_size", "validation_steps"}
                    ),
                ],
            ),
            local_path="/opt/ml/checkpoints",
        ),
    ).with_metric_definitions(
        [MetricDefinition(name=m["Name"], regex=m["Regex"]) for m in METRIC_DEFINITIONS]
    )
    arguments = trainer.train(
        input_data_config=[
            InputData(channel_name="train", data_source=output_uri(features, "bert-train")),
            InputData(
                channel_name="validation", data_source=output_uri(features, "bert-validation")
            ),
            InputData(channel_name="weights", data_source=parameters.weights),
        ]
    )
    return DebuggedTrainingStep(
        name="Train",
        step_args=arguments,
        cache_config=CACHE,
        debugger=debugger_members(platform.session, f"{root}/debugger") if managed_debugger else {},
    )

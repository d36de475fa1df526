"""Where a pipeline is built for: its session, its bucket and roles, and where the jobs' files go."""

from dataclasses import dataclass, field
from typing import Any

from sagemaker.core.config.config_manager import SageMakerConfig
from sagemaker.core.network import NetworkConfig
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.pipeline_context import PipelineSession

from reviews_steps.security import Roles, Security
from reviews_steps.sources import Bucket, Files, Store, digest


@dataclass(frozen=True)
class Platform:
    """What every step is built with."""

    session: PipelineSession
    bucket: str  # of the code and of the results
    features: str  # bucket of what training reads; "" for that of the results
    roles: Roles
    store: Store
    security: Security = field(default_factory=Security)

    @staticmethod
    def of(
        session: PipelineSession,
        role: str | Roles,
        bucket: str,
        security: Security | None = None,
        store: Store | None = None,
        features: str = "",
    ) -> "Platform":
        """Return a platform. Without a store, files are uploaded to the bucket while it is built."""
        quiet(session)
        return Platform(
            session,
            bucket,
            features,
            role if isinstance(role, Roles) else Roles.all(role),
            store or Bucket(session.boto_session.client("s3"), bucket),
            security or Security(),
        )

    def upload(self, pipeline: str, kind: str, files: Files) -> str:
        """Put files where jobs find them; return the URI of their prefix, which the content decides."""
        prefix = f"{pipeline}/{kind}/{digest(files)}/"
        self.store.put(prefix, files)
        return f"s3://{self.bucket}/{prefix}"

    def features_uri(self, pipeline: str, name: str) -> object:
        """Return where an execution's features go; "" for where the SDK puts all results."""
        if not self.features:
            return ""
        execution = ExecutionVariables.PIPELINE_EXECUTION_ID
        return Join(on="/", values=[f"s3://{self.features}/{pipeline}", execution, name])

    def network(self, *, isolated: bool) -> NetworkConfig:
        """Return the network of a processing job."""
        security = self.security
        return NetworkConfig(
            enable_network_isolation=isolated,
            security_group_ids=list(security.security_groups) or None,
            subnets=list(security.subnets) or None,
            encrypt_inter_container_traffic=security.encrypt_traffic or None,
        )


def quiet(session: PipelineSession) -> None:
    """Let the SDK tell its makers of no call: a build talks to its endpoint and to nobody else.

    What it is configured with is checked here, once; at each of fifty looks the SDK would check it
    again, and its own schema with it, which takes longer than all the rest of a build.
    """
    session.sagemaker_config = {
        **(session.sagemaker_config or {}),
        "SchemaVersion": "1.0",
        "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
    }
    if SageMakerConfig.validate_sagemaker_config is not known:
        SageMakerConfig.validate_sagemaker_config(session.sagemaker_config)
        SageMakerConfig.validate_sagemaker_config = staticmethod(known)


def known(sagemaker_config: dict[str, Any] | None = None) -> None:
    """Take the place of a check that was made."""

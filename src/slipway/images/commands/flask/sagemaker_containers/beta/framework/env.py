"""The environment of a server."""

import os

base_dir = os.environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml"
model_dir = f"{base_dir}/model"
code_dir = f"{base_dir}/code"


class ServingEnv:
    """What the platform and the user set for serving."""

    def __init__(self) -> None:
        """Read it from the variables of the process."""
        program = os.environ.get("SAGEMAKER_PROGRAM")
        self.module_name = program.removesuffix(".py") if program else None
        self.module_dir = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY") or f"{model_dir}/code"
        self.default_accept = (
            os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "application/json"
        )
        self.http_port = os.environ.get("SAGEMAKER_BIND_TO_PORT") or "8080"
        self.safe_port_range = os.environ.get("SAGEMAKER_SAFE_PORT_RANGE")
        self.model_dir = model_dir

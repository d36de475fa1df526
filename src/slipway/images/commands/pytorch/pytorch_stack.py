"""The functions that a PyTorch script may leave out, in AWS's own package. Runs in a worker."""

from sagemaker_pytorch_serving_container.default_pytorch_inference_handler import (
    DefaultPytorchInferenceHandler,
)
from toolkit_stack import ToolkitStack


class PyTorch(ToolkitStack):
    """A script's functions, with TorchScript and tensors by default."""

    handler = DefaultPytorchInferenceHandler

"""AWS's PyTorch 2 images, on a CPU: a script's functions to serve, script mode's toolkit to train."""

from slipway.images.family import Family

FAMILY = Family(
    name="pytorch",
    repository="pytorch-inference, pytorch-training",
    matches=r"pytorch-(inference|training)(:2\..*|@.*)?",
    environment="pytorch",
    commands=("pytorch", "toolkit"),
    variables={
        "SAGEMAKER_TRAINING_MODULE": "sagemaker_pytorch_container.training:main",
        "CUDA_VISIBLE_DEVICES": "",
    },
    multi_model=True,
    binds_port=True,
    on_first_use=True,
)

"""AWS's TensorFlow 2 training image: script mode's toolkit, and SDK v3's own entry point."""

from slipway.images.family import Family

FAMILY = Family(
    name="tensorflow",
    repository="tensorflow-training",
    matches=r"tensorflow-training(:2\..*|@.*)?",
    environment="tensorflow",
    commands=("toolkit",),
    variables={
        "SAGEMAKER_TRAINING_MODULE": "sagemaker_tensorflow_container.training:main",
        "TF_CPP_MIN_LOG_LEVEL": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
    },
)

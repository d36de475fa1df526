"""AWS's TensorFlow 2 inference image: TensorFlow Serving's behavior, with the models in its own process."""

from slipway.images.family import Family

FAMILY = Family(
    name="tensorflow-inference",
    repository="tensorflow-inference",
    matches=r"tensorflow-inference(:2\..*|@.*)?",
    environment="tensorflow",
    commands=("tensorflow_serving",),
    variables={"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
    multi_model=True,
    binds_port=True,
)

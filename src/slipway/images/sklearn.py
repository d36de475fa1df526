"""AWS's scikit-learn image: script mode's toolkit for training, plain scripts for processing."""

from slipway.images.family import Family

FAMILY = Family(
    name="sklearn",
    repository="sagemaker-scikit-learn",
    matches=r"sagemaker-scikit-learn([:@].*)?",
    environment="sklearn",
    commands=("toolkit",),
    variables={"SAGEMAKER_TRAINING_MODULE": "sagemaker_sklearn_container.training:main"},
)

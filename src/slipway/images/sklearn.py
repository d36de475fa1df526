"""AWS's scikit-learn image: script mode's toolkit to train, a script's functions to serve."""

from slipway.images.family import Family

FAMILY = Family(
    name="sklearn",
    repository="sagemaker-scikit-learn",
    matches=r"sagemaker-scikit-learn([:@].*)?",
    environment="sklearn",
    commands=("sklearn", "toolkit"),
    variables={"SAGEMAKER_TRAINING_MODULE": "sagemaker_sklearn_container.training:main"},
    streams=True,
    multi_model=True,
    binds_port=True,
)

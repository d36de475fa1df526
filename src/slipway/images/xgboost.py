"""AWS's XGBoost image: a script's functions, or the built-in algorithm's own server."""

from slipway.images.family import Family

FAMILY = Family(
    name="xgboost",
    repository="sagemaker-xgboost",
    matches=r"sagemaker-xgboost([:@].*)?",
    environment="xgboost",
    commands=("xgboost", "toolkit"),
    variables={"SAGEMAKER_TRAINING_MODULE": "sagemaker_xgboost_container.training:main"},
    streams=True,
    multi_model=True,
    binds_port=True,
    on_first_use=True,
)

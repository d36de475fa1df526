"""AWS's Spark 3 processing image: the command `smspark-submit`, and a Java from a wheel."""

from slipway.images.family import Family

FAMILY = Family(
    name="spark",
    repository="sagemaker-spark-processing",
    matches=r"sagemaker-spark-processing(:3\..*|@.*)?",
    environment="spark",
    commands=("spark",),
)

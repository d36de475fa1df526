"""Any Python image that runs a script: the interpreter and pip, and nothing else."""

from slipway.images.family import Family

FAMILY = Family(
    name="python",
    repository="python",
    matches=r"python([:@].*)?",
    environment="sklearn",
    commands=("toolkit",),
    only=("pip",),
)

"""The container's settings, by the names that AWS's TensorFlow Serving container has for them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

UNBOUNDED = 100_000_000  # batches that may wait in a batch transform job
GREEN = ("gevent", "eventlet", "tornado")  # gunicorn's workers that take many requests at once
IGNORED = {
    "SAGEMAKER_TFS_INSTANCE_COUNT": "the models run in one process, with all cores",
    "SAGEMAKER_TFS_WAIT_TIME_SECONDS": "the server listens when its models are loaded",
    "SAGEMAKER_TFS_FRACTIONAL_GPU_MEM_MARGIN": "the models run on the CPU",
    "SAGEMAKER_TFS_NGINX_LOGLEVEL": "there is no nginx",
    "SAGEMAKER_NGINX_PROXY_READ_TIMEOUT_SECONDS": "there is no nginx",
    "SAGEMAKER_GUNICORN_TIMEOUT_SECONDS": "no worker is killed; the platform's own limit holds",
}


@dataclass(frozen=True)
class Batching:
    """When requests are run together, as in TensorFlow Serving's batching parameters."""

    max_batch_size: int  # rows
    timeout: float  # seconds that a batch waits for more rows; 0 takes what is there
    threads: int  # batches that run at once
    max_enqueued: int  # batches that may wait, of one signature


@dataclass(frozen=True)
class Settings:
    """All settings."""

    default_model: str = ""  # by name; "" is the first that is found
    batching: Batching | None = None
    inter_op: int = 0  # TensorFlow's threads; 0 leaves it to TensorFlow
    intra_op: int = 0
    multi_model: bool = False
    handlers: int = 0  # handlers that run at once; 0: as many as there are requests


def read(env: Mapping[str, str], cpus: int) -> Settings:
    """Return the settings of an environment; ValueError names a variable that is not what it must be."""
    batching = None
    if _switch(env, "SAGEMAKER_TFS_ENABLE_BATCHING"):
        waiting = UNBOUNDED if "SAGEMAKER_BATCH" in env else cpus
        batching = Batching(
            max_batch_size=_number(env, "SAGEMAKER_TFS_MAX_BATCH_SIZE", 8, 1),
            timeout=_number(env, "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS", 1000) / 1e6,
            threads=_number(env, "SAGEMAKER_TFS_NUM_BATCH_THREADS", cpus, 1),
            max_enqueued=_number(env, "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES", waiting, 1),
        )
    return Settings(
        default_model=env.get("SAGEMAKER_TFS_DEFAULT_MODEL_NAME", ""),
        batching=batching,
        inter_op=_number(env, "SAGEMAKER_TFS_INTER_OP_PARALLELISM", 0),
        intra_op=_number(env, "SAGEMAKER_TFS_INTRA_OP_PARALLELISM", 0),
        multi_model=_switch(env, "SAGEMAKER_MULTI_MODEL"),
        handlers=_handlers(env),
    )


def without_meaning(env: Mapping[str, str]) -> list[str]:
    """Return a line for each setting that this server has no use for."""
    return [f"{name} has no meaning here: {why}" for name, why in IGNORED.items() if env.get(name)]


def _handlers(env: Mapping[str, str]) -> int:
    """Return how many handlers gunicorn would run at once."""
    workers = _number(env, "SAGEMAKER_GUNICORN_WORKERS", 1, 1)
    threads = _number(env, "SAGEMAKER_GUNICORN_THREADS", 1, 1)
    kind = env.get("SAGEMAKER_GUNICORN_WORKER_CLASS") or "gevent"
    return 0 if kind in GREEN else workers * threads


def _switch(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "false").lower()
    if text not in ("true", "false"):
        raise ValueError(f'{name}: expected "true" or "false", found {env[name]!r}')
    return text == "true"


def _number(env: Mapping[str, str], name: str, default: int, least: int = 0) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or int(text) < least:
        raise ValueError(f"{name}: expected a whole number from {least}, found {text!r}")
    return int(text)

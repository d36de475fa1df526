"""What a function finds in its environment. Pure."""

import os
from collections.abc import Mapping
from typing import Any

from slipway.cloud.credentials import Credentials
from slipway.jobs.process import SYSTEM_PATH

RESERVED = {  # that a function's own Environment may not name
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
}


def variables(
    config: Mapping[str, Any],
    region: str,
    endpoint: str,
    of: Credentials,
    stream: str,
    places: Mapping[str, str],
) -> dict[str, str]:
    """Return the environment of a function's process.

    Args:
        config: The function's configuration.
        region: Where it is.
        endpoint: The cloud's address.
        of: The credentials of its role.
        stream: The name of its log stream.
        places: Where it finds "task", "runtime", "opt" and "tmp".
    """
    logging = config["LoggingConfig"]
    found = {
        "PATH": f"{SYSTEM_PATH}:{places['opt']}/bin",
        "LD_LIBRARY_PATH": f"{places['task']}:{places['task']}/lib:{places['opt']}/lib",
        "HOME": places["tmp"],
        "TMPDIR": places["tmp"],
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": places["runtime"],
        "LAMBDA_TASK_ROOT": places["task"],
        "LAMBDA_RUNTIME_DIR": places["runtime"],
        "_HANDLER": config.get("Handler", ""),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": config["Version"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config["MemorySize"]),
        "AWS_LAMBDA_LOG_GROUP_NAME": logging["LogGroup"],
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"],
        "AWS_ACCESS_KEY_ID": of.access_key,
        "AWS_SECRET_ACCESS_KEY": of.secret_key,
        "AWS_SESSION_TOKEN": of.token,
        # What AWS does not need: where its services are, and that there is no other account
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if "ApplicationLogLevel" in logging:
        found["AWS_LAMBDA_LOG_LEVEL"] = logging["ApplicationLogLevel"]
    return found | dict(config.get("Environment", {}).get("Variables", {}))


def search_path(places: Mapping[str, str], version: str) -> list[str]:
    """Return the folders in which a function's modules are looked for, before Python's own."""
    opt = places["opt"]
    return [
        places["task"],
        os.path.join(opt, "python", "lib", version, "site-packages"),  # noqa: PTH118 (a text)
        f"{opt}/python",
        places["runtime"],
    ]

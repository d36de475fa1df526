"""What a person is told when something cannot be done, and which exit code says so."""

import sys
from enum import IntEnum

DOWN = 'start it with `slipway up`, then `eval "$(slipway env)"`'


class ExitCode(IntEnum):
    """How the command ended."""

    DONE = 0
    REFUSED = 1  # wrong input, a refused request, something that ran and failed
    BUG = 2  # an error in Slipway itself


class Refused(Exception):
    """A request that cannot be fulfilled: what was expected, what was found, what to do next."""


def explain(error: Exception) -> str | None:
    """Return the one line for an error that is not ours, or None when it is a bug in Slipway."""
    import typer

    if isinstance(error, Refused):
        return one_line(str(error))
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "slipway"
        return one_line(f"{error.format_message()} Try `{command} --help`.")
    if "botocore.exceptions" in sys.modules:
        return explain_aws(error)
    return None


def explain_aws(error: Exception) -> str | None:
    """Return the one line for an error of the AWS client, or None for another error."""
    from botocore import exceptions as aws

    match error:
        case aws.ClientError():
            said = error.response.get("Error", {})
            return one_line(
                f"{error.operation_name} was refused: "
                f"{said.get('Code', 'unknown')}: {said.get('Message', '')}"
            )
        case aws.EndpointConnectionError():
            return f"nothing answers at {error.kwargs['endpoint_url']}; if it is the local cloud, {DOWN}"
        case aws.NoCredentialsError() | aws.NoRegionError():
            return one_line(
                f"{error} For the local cloud, {DOWN}; for AWS, set AWS_PROFILE or run `aws configure`"
            )
        case aws.BotoCoreError():
            return one_line(str(error))
    return None


def one_line(text: str) -> str:
    """Return the text with its line breaks and runs of spaces folded into single spaces."""
    return " ".join(text.split())

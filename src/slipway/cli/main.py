"""The `slipway` command: its commands, and how it ends."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Annotated

import typer

from slipway.cli import (
    approval,
    clock,
    definitions,
    deploy,
    doctor,
    endpoints,
    env,
    errors,
    executions,
    image,
    invoke,
    load,
    local,
    logs,
    models,
    rollback,
    run,
)
from slipway.cli.errors import ExitCode

app = typer.Typer(
    name="slipway",
    help="SageMaker pipelines on AWS and, for real, on this machine. With no AWS_ENDPOINT_URL set it "
    "acts on AWS.",
    rich_markup_mode=None,  # help as plain text: drawing it with rich costs 0.2 s
    pretty_exceptions_enable=False,
)


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from importlib.metadata import version

        print(f"slipway {version('slipway')}")
        raise typer.Exit


@app.callback()
def options(
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show the trace of every error; works anywhere.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that belong to every command."""


COMMANDS: tuple[Callable[..., int | None], ...] = (
    local.up,
    local.down,
    local.status,
    env.env,
    definitions.definition,
    definitions.lint,
    definitions.plan,
    run.run,
    executions.executions,
    executions.show,
    logs.logs,
    executions.stop,
    executions.retry,
    models.models,
    approval.approve,
    approval.reject,
    deploy.deploy,
    endpoints.endpoints,
    invoke.invoke,
    rollback.rollback,
    load.load,
    clock.clock,
    doctor.doctor,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(image.app)


def main() -> None:
    """Run the command line: 0 is done, 1 is refused or failed, 2 is a bug in Slipway."""
    words = sys.argv[1:] or ["--help"]
    verbose = "--verbose" in words
    try:
        code = app([word for word in words if word != "--verbose"], standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        # The reader of our output has gone. What is left to flush goes nowhere, without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.REFUSED
    except Exception as error:
        code = report(error, verbose)
    sys.exit(code or ExitCode.DONE)


def report(error: Exception, verbose: bool) -> ExitCode:
    """Say what went wrong in one line; a bug always comes with its trace."""
    line = errors.explain(error)
    if verbose or line is None:
        traceback.print_exception(error)
    if line is not None:
        print(f"slipway: {line}", file=sys.stderr)
        return ExitCode.REFUSED
    print(
        f"slipway: this is a bug in Slipway ({type(error).__name__}: {error}); nothing you typed is "
        "wrong. Please report it with the trace above",
        file=sys.stderr,
    )
    return ExitCode.BUG

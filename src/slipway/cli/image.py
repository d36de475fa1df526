"""Container images on this machine: which program or environment stands for which."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slipway.cli import local
from slipway.cli.errors import Refused
from slipway.cli.output import Json, emit, note, say, table

if TYPE_CHECKING:
    from slipway.images.catalog import Entry

app = typer.Typer(
    name="image",
    help="What stands for container images on this machine.",
    rich_markup_mode=None,
)
Uri = Annotated[
    str,
    typer.Argument(
        help="As models and jobs name it; without a tag it means every tag.", metavar="URI"
    ),
]


@app.command()
def add(
    uri: Uri,
    command: Annotated[
        str | None,
        typer.Option(
            help='The program, as a container\'s ENTRYPOINT; "serve" or "train" is added.'
        ),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option(help="Instead of a program: the family of images it is like."),
    ] = None,
    environment: Annotated[
        Path | None,
        typer.Option(help="Python environment it runs in.  [default: a bare Python with pip]"),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the program starts.  [default: this folder]")
    ] = None,
    streams: Annotated[bool, typer.Option(help="The server answers in parts.")] = False,
    multi_model: Annotated[bool, typer.Option(help="The server has the /models API.")] = False,
    accept_bind_to_port: Annotated[
        bool, typer.Option(help="The server listens where SAGEMAKER_BIND_TO_PORT says.")
    ] = False,
    json: Json = False,
) -> None:
    """Let a program of this machine, or a family, stand for an image."""
    from slipway.images import catalog
    from slipway.images.own import Own, Unusable

    if (command is None) == (family is None):
        raise Refused("expected one of --command and --family")
    prefix = environment.absolute() if environment else None
    entry: Entry
    if command is not None:
        own = Own(
            tuple(shlex.split(command)),
            (folder or Path()).absolute(),
            prefix,
            streams,
            multi_model,
            accept_bind_to_port,
        )
        entry = own.entry()
    elif folder or streams or multi_model or accept_bind_to_port:
        raise Refused("--family takes --environment alone; the family knows the rest")
    else:
        entry = {"family": family or ""} | ({"environment": str(prefix)} if prefix else {})
    source = catalog.file_of(local.state_folder())
    try:
        catalog.image_of(entry)
        before = catalog.write(source, uri, entry)
    except (Unusable, catalog.UnknownImage) as error:
        raise Refused(str(error)) from error
    if json:
        emit({"Image": uri, "Replaced": before, "File": str(source), **described(entry)})
    else:
        say(f"{uri} is {shown(entry)}{' now' if before else ''}")


@app.command()
def remove(uri: Uri, json: Json = False) -> None:
    """Forget what `add` said of an image; what runs goes on."""
    from slipway.images import catalog

    source = catalog.file_of(local.state_folder())
    try:
        found = catalog.write(source, uri, None)
        known = list(catalog.read(source).mapping)
    except catalog.UnknownImage as error:
        raise Refused(str(error)) from error
    if not found:
        there = f"found {', '.join(known)}" if known else "found none at all"
        raise Refused(f"expected an image that was added, {there}; see `slipway image list`")
    if json:
        emit({"Image": uri, "Removed": True})
    else:
        say(f"{uri} is forgotten")


@app.command(name="list")
def list_images(json: Json = False) -> None:
    """List the images that were added, and the families with the state of their environments."""
    from slipway.images import build, catalog

    try:
        mapping = catalog.read(catalog.file_of(local.state_folder())).mapping
    except catalog.UnknownImage as error:
        raise Refused(str(error)) from error
    added = [{"Image": uri, **described(entry)} for uri, entry in mapping.items()]
    families: list[dict[str, Any]] = []
    for family in catalog.FAMILIES.values():
        state, reason = build.state(family.environment)
        one = {"Family": family.name, "Repository": family.repository, "Environment": state}
        families.append(one | ({"Reason": reason} if reason else {}))
    if json:
        emit({"Added": added, "Families": families})
        return
    if mapping:
        table(("Image", "Is"), [(uri, shown(entry)) for uri, entry in mapping.items()])
        say()
    rows = [(one["Repository"], one["Family"], one["Environment"]) for one in families]
    table(("Repository", "Family", "Environment"), rows)
    for one in families:
        if "Reason" in one:
            say(f"{one['Family']}: {one['Reason']}")


@app.command(name="build")
def build_image(
    family: Annotated[str, typer.Argument(help="A family of `slipway image list`.")],
    json: Json = False,
) -> None:
    """Make the environment of a family of images now, rather than when a model first needs it."""
    from slipway.images import build, catalog, environment
    from slipway.images.own import Unusable

    try:
        name = catalog.family_of(family).environment
        if not environment.built(name):
            note(f"making the environment of {family}; this may take minutes …")
        build.ensure(name)
    except (Unusable, build.BuildFailed) as error:
        raise Refused(str(error)) from error
    where = str(environment.prefix(name))
    if json:
        emit({"Family": family, "Environment": where})
    else:
        say(f"{family} is ready in {where}")


def described(entry: "Entry") -> dict[str, Any]:
    """Return an entry as an object, in any of its forms."""
    return {"family": entry} if isinstance(entry, str) else dict(entry)


def shown(entry: "Entry") -> str:
    """Return an entry as a person reads it."""
    found = described(entry)
    if "family" in found:
        words = [f"of the family {found['family']}"]
    else:
        words = [f"`{shlex.join(found.get('command', ()))}` in {found.get('folder', '/')}"]
    if "environment" in found:
        words.append(f"with {found['environment']}")
    words += [name.replace("_", " ") for name, value in found.items() if value is True]
    return ", ".join(words)

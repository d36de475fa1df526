"""Run a command and keep what it shows in a terminal as an SVG.

python scripts/picture.py docs/images/demo.svg make demo
"""

import io
import os
import pty
import re
import selectors
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 110


def main() -> int:
    """Write the picture; return the command's exit status."""
    target, *command = sys.argv[1:]
    code, shown = run(command)
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(f"[bold]$ {' '.join(command)}[/bold]", highlight=False)
    console.print(Text.from_ansi(shown))
    drawn = console.export_svg(title="slipway")
    # The reader's own fixed-width font will do; the picture fetches nothing.
    Path(target).write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL))
    return code


def run(command: list[str]) -> tuple[int, str]:
    """Run a command; return its status and what it wrote, stdout as to a terminal."""
    terminal, inner = pty.openpty()
    environ = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    process = subprocess.Popen(command, stdout=inner, stderr=subprocess.PIPE, env=environ)
    os.close(inner)
    assert process.stderr  # noqa: S101
    errors = process.stderr.fileno()
    found = b""
    with selectors.DefaultSelector() as selector:
        for stream in (terminal, errors):
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                chunk = read(key.fd)
                found += chunk
                sys.stderr.buffer.write(chunk)
                if not chunk:
                    selector.unregister(key.fd)
    os.close(terminal)
    return process.wait(), found.decode().replace("\r\n", "\n")


def read(stream: int) -> bytes:
    """Return what a stream has; nothing at its end, which a terminal shows by an error."""
    try:
        return os.read(stream, 65536)
    except OSError:
        return b""


if __name__ == "__main__":
    sys.exit(main())

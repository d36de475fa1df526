"""The cloud's process: open the state folder, serve on loopback, stop cleanly.

python -m slipway.cloud.process HOME PORT
"""

import logging
import signal
import sys
import threading
from pathlib import Path

from slipway.cloud.application import Application
from slipway.cloud.cloud import Cloud
from slipway.cloud.events import Events
from slipway.cloud.ground import Ground
from slipway.cloud.http import Server
from slipway.cloud.s3.store import Store
from slipway.cloud.services import MODULES, owned
from slipway.cloud.state import State

ACCOUNT = "123456789012"


def assemble(home: Path, endpoint: str) -> Cloud:
    """Return the cloud of a state folder; nothing serves it yet."""
    state, events = State(home / "state.sqlite"), Events()
    store = Store(home / "s3", state, events)
    ground = Ground(store.index.mirror)
    return Cloud(home, ACCOUNT, "us-east-1", endpoint, state, store, ground, events)


def serve(home: Path, port: int) -> None:
    """Serve until SIGTERM or SIGINT; write the address to `home/endpoint` once it answers."""
    home.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=home / "cloud.log", level=logging.INFO)
    server = Server(port)
    server.prepare()
    cloud = assemble(home, f"http://localhost:{server.bind_addr[1]}")
    server.answer = Application(cloud)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: threading.Thread(target=server.stop).start())
    for name in MODULES:
        owned(name).start(cloud)
    (home / "endpoint").write_text(cloud.endpoint)
    try:
        server.serve()
    finally:
        for name in MODULES:
            owned(name).stop(cloud)
        cloud.state.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

"""The cloud's process: open the state folder, serve on loopback, stop cleanly.

python -m slipway.cloud.process HOME PORT
"""

import logging
import signal
import sys
import threading
from pathlib import Path

from cheroot.wsgi import Server

from slipway.cloud.application import Application
from slipway.cloud.cloud import Cloud
from slipway.cloud.ground import Ground
from slipway.cloud.services import MODULES, owned
from slipway.cloud.state import State

ACCOUNT = "123456789012"
THREADS = 32


def serve(home: Path, port: int) -> None:
    """Serve until SIGTERM or SIGINT; write the address to `home/endpoint` once it answers."""
    home.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=home / "cloud.log", level=logging.INFO)
    server = Server(("127.0.0.1", port), None, numthreads=THREADS)
    server.prepare()
    endpoint = f"http://localhost:{server.bind_addr[1]}"
    state = State(home / "state.sqlite")
    objects = None  # the S3 service puts its store here
    cloud = Cloud(home, ACCOUNT, "us-east-1", endpoint, state, objects, Ground())  # type: ignore[arg-type]
    server.wsgi_app = Application(cloud)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: threading.Thread(target=server.stop).start())
    for name in MODULES:
        owned(name).start(cloud)
    (home / "endpoint").write_text(endpoint)
    try:
        server.serve()
    finally:
        for name in MODULES:
            owned(name).stop(cloud)
        state.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

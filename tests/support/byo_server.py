"""A model server of the standard library that does what a request's body says: `python byo_server.py serve`.

With OBEY it listens where SAGEMAKER_BIND_TO_PORT says, else on the contract's 8080, hard-coded.
"""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")) / "model"
STATE = {"ping": 200}
LOADED = {}  # what each model says, by its id
BORN = str(time.time())
PORT = int(os.environ["SAGEMAKER_BIND_TO_PORT"]) if "OBEY" in os.environ else 8080


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path == "/execution-parameters":
            return self.say(b'{"MaxConcurrentTransforms": 3}')
        self.say(b"", STATE["ping"] if self.path == "/ping" else 404)

    def do_DELETE(self):
        there = LOADED.pop(self.path.rpartition("/")[2], None)
        self.say(b"", 200 if there else 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/models":
            return self.load(**json.loads(body))
        if self.path.startswith("/models/"):
            found = LOADED.get(self.path.split("/")[2])
            return self.say(found or b"", 200 if found else 404)
        word, _, rest = body.decode("latin-1").partition(" ")
        getattr(self, f"on_{word}", self.echo)(rest)

    def load(self, model_name, url):
        said = (Path(url) / "says").read_bytes()
        if said == b"bad":
            return self.say(b"no such format", 500)
        full = len(LOADED) >= int(os.environ.get("ROOM", 99))
        if model_name in LOADED or full:
            return self.say(b"no", 409 if model_name in LOADED else 507)
        if said == b"slow":
            time.sleep(1)
        LOADED[model_name] = said
        self.say(b"")

    def echo(self, rest):
        time.sleep(float(os.environ.get("SLEEP", 0)))
        status = int(os.environ.get("STATUS", 200))
        self.say(f"{os.environ.get('TAG', '')}echo".encode(), status)

    def on_sleep(self, rest):
        time.sleep(float(rest))
        self.say(b"slept")

    def on_exit(self, rest):
        os._exit(3)

    def on_ping(self, rest):
        STATE["ping"] = int(rest)
        self.say(b"")

    def on_born(self, rest):
        self.say(BORN.encode())

    def on_environment(self, rest):
        self.say(json.dumps(dict(os.environ)).encode())

    def on_headers(self, rest):
        self.say(json.dumps(dict(self.headers)).encode())

    def on_accept(self, rest):
        self.say(b"told" if "Accept" in self.headers else b"status 418")

    def on_status(self, rest):
        self.say(b"why", int(rest))

    def on_large(self, rest):
        self.say(b"x" * int(rest))

    def on_head(self, rest):
        self.say(b"", custom="y" * int(rest))

    def on_files(self, rest):
        names = sorted(str(each.relative_to(MODEL)) for each in MODEL.rglob("*"))
        self.say(json.dumps(names).encode())

    def on_python(self, rest):
        found = {}
        try:
            exec(rest, found)
            self.say(str(found.get("said")).encode())
        except Exception as error:
            self.say(repr(error).encode())

    def on_stream(self, rest):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for n in range(int(rest)):
            self.wfile.write(b"6\r\npart %d\r\n" % n)
            self.wfile.flush()
            time.sleep(0.02)
        self.wfile.write(b"0\r\n\r\n")

    def on_broken(self, rest):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"4\r\npart\r\n")
        self.close_connection = True

    def say(self, body, status=200, custom=""):
        self.send_response(status)
        self.send_header("Content-Type", os.environ.get("TYPE", "text/plain"))
        self.send_header("Content-Length", str(len(body)))
        if custom or status == 200:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", custom or "given")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    assert sys.argv[1:] == ["serve"], sys.argv
    print("started in", Path.cwd(), flush=True)
    if "FAIL" in os.environ:
        sys.exit(f"cannot load the model: {os.environ['FAIL']}")
    if "GREEDY" in os.environ:
        held = b"x" * (1 << 30)
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()

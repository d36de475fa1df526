"""A model of the standard library for batch transform: it answers what MODE says, and writes down what it is asked.

A body that holds `bad` gets 400, `wait` takes a minute; `once` does so the first time, and `down once`
ends the process then.
"""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ASKED = Path(os.environ["ASKED"])  # a line for each request; beside it a mark of the first `once`


def lengths(body):
    """Return the length of each line."""
    return b"".join(b"%d\n" % len(line) for line in body.splitlines())


def stars(body):
    """Return a star rating for each line `{"features": ["text"]}`, as the reviews model does."""
    answers = []
    for line in body.splitlines():
        (text,) = json.loads(line)["features"]
        told = {"predicted_label": 1 + len(text) % 5, "score": 0.5}
        answers.append({"error": "expected words"} if text == "???" else told)
    return b"".join(json.dumps(each).encode() + b"\n" for each in answers)


MODES = {
    "upper": bytes.upper,
    "lengths": lengths,
    "json": lambda body: b"\n".join(b'{"size": %d}' % len(line) for line in body.splitlines()),
    "one": lambda body: b"1",
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        said = os.environ.get("PARAMETERS", "")
        found = self.path == "/ping" or (self.path == "/execution-parameters" and said)
        self.say(said.encode() if self.path != "/ping" else b"", 200 if found else 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kinds = [self.headers.get(name) for name in ("Content-Type", "Accept")]
        own = {
            name: value for name, value in os.environ.items() if "BATCH" in name or "MAX_" in name
        }
        with ASKED.open("a") as file:
            file.write(json.dumps([body.decode("latin-1"), *kinds, own]) + "\n")
        if os.environ["MODE"] == "stars":  # real texts may hold these words
            return self.say(stars(body))
        if b"bad" in body:
            return self.say(b"not a word I know", 400)
        marker = ASKED.with_suffix(".once")
        if b"once" in body and not marker.exists():
            marker.touch()
            if b"down" in body:
                os._exit(3)
            time.sleep(60)
        if b"wait" in body:
            time.sleep(60)
        if b"later" in body:
            time.sleep(0.1)
        self.say(MODES[os.environ["MODE"]](body))

    def say(self, body, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    print("a model for batches", flush=True)
    if "FAIL" in os.environ:
        sys.exit(f"cannot load the model: {os.environ['FAIL']}")
    port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()

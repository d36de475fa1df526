"""A model server that gives every review five stars: `… serve`, one answer for each line of a request."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = b'{"predicted_label": 5, "score": 0.9}\n'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.say(b"")

    def do_POST(self):
        self.say(ANSWER * len(self.rfile.read(int(self.headers["Content-Length"])).splitlines()))

    def say(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/jsonlines")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", 8080))
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()

"""Who reaches whom: a server in a network of its own, the cloud, and nobody else."""

import http.server
import json
import socket
import threading

import pytest

from hosting import OURS, container, say
from slipway.hosting import ports

SEND = "python import urllib.request as r; said = r.urlopen('{}/', bytes(20_000_000), 9).read().decode()"
FETCH = "python import urllib.request as r; said = r.urlopen('{}/', timeout=3).read().decode()"
INTERFACES = "python said = sorted(line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line)"


@pytest.fixture(scope="module")
def bed(bed):
    """With something that stands for the cloud."""

    class Cloud(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"the cloud " * 50_000)

        def do_POST(self):
            size = len(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(size).encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cloud) as cloud:
        threading.Thread(target=cloud.serve_forever, daemon=True).start()
        bed.endpoint = f"http://localhost:{cloud.server_port}"
        yield bed
        cloud.shutdown()


@pytest.fixture(scope="module")
def namespaces(bed):
    if bed.sandbox.way not in ("namespace", "bubblewrap"):
        pytest.skip("this machine gives no namespaces")


def test_a_server_in_its_own_network_reaches_the_cloud_and_nothing_else(bed, namespaces):
    with bed.serving() as instance, socket.create_server(("127.0.0.1", 0)) as other:
        assert say(instance, FETCH.format(bed.endpoint)).body == b"the cloud " * 50_000
        assert say(instance, SEND.format(bed.endpoint)).body == b"20000000"
        refused = say(instance, FETCH.format(f"http://127.0.0.1:{other.getsockname()[1]}"))
        assert b"Connection refused" in refused.body
        told = json.loads(say(instance, "environment").body)
        assert told["SAGEMAKER_BIND_TO_PORT"] == "8080"
        low, high = map(int, told["SAGEMAKER_SAFE_PORT_RANGE"].split("-"))
        assert 1024 < low < high < 65536


def test_an_isolated_model_has_no_network_at_all(bed, namespaces):
    with bed.serving(container(image=OURS), isolated=True) as instance:
        assert say(instance, INTERFACES).body == b"['lo']"
        assert b"refused" in say(instance, FETCH.format(bed.endpoint)).body


def test_an_image_that_binds_the_port_it_is_told_is_in_the_machines_network(bed):
    with bed.serving(container(image=OURS)) as one, bed.serving(container(image=OURS)) as two:
        told = [json.loads(say(each, "environment").body) for each in (one, two)]
        assert len({each["SAGEMAKER_BIND_TO_PORT"] for each in told}) == 2
        assert len({each["SAGEMAKER_SAFE_PORT_RANGE"] for each in told}) == 2
        assert say(one, FETCH.format(bed.endpoint)).body.startswith(b"the cloud")


def test_a_port_that_somebody_takes_meanwhile_is_exchanged_for_another(bed, monkeypatch):
    """The port is free when it is chosen and taken when the server wants it, four times over."""
    thieves = []

    def steal(port):
        free = was_free(port)
        if free and len(thieves) < 4:
            thieves.append(socket.socket())
            thieves[-1].bind(("127.0.0.1", port))
        return free

    was_free = ports.is_free
    monkeypatch.setattr(ports, "is_free", steal)
    with bed.serving(container(image=OURS)) as instance:
        assert say(instance, "x").status == 200 and len(thieves) == 4
    for thief in thieves:
        thief.close()

"""No member of a request is silently ignored: it is shown, it acts, or it stands in the coverage.

For every member of every operation's request a request is made that holds it, and sent to a cloud
in which everything exists that the request names.
"""

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conformance.asking import ask, carried, document, names_of
from conformance.examples import paths, put, valid
from conformance.world import DESCRIBED, ENDED, EXAMPLES, World
from slipway.cloud.application import Application
from slipway.cloud.coverage import NOTHING
from slipway.cloud.json_protocol import service_model
from slipway.cloud.services import MODULES, owned
from slipway.cloud.serving import assemble, bound, stop
from slipway.cloud.shapes import convert, violations

DENIED = "AccessDenied"  # every operation's
# Members of lists that `test_every_list_filters_sorts_and_pages` sees act
LISTED = re.compile(
    "(Marker|MaxItems|After|Before|NameContains|Prefix|Equals|ApprovalStatus|SortBy|SortOrder|[mM]axResults|[nN]extToken)$"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = bound(0)  # the engine is a client of the cloud, so it must be reachable
    home = tmp_path_factory.mktemp("world")
    cloud = assemble(home, f"http://localhost:{server.bind_addr[1]}")
    server.answer = application = Application(cloud)
    for name in MODULES:
        owned(name).start(cloud)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield World(application)
    server.stop()
    thread.join()
    stop(cloud)


def covered(table, path):
    """Tell whether a path, or one above it, stands in a table of the coverage."""
    names = ".".join(path).replace(".[]", "[]").replace(".{}", "{}")
    return any(
        names == known or names.startswith(tuple(known + sign for sign in ".[{")) for known in table
    )


def limited(coverage, path):
    """Tell whether values at a path, or below it, are refused now and then."""
    below = ".".join(path).replace(".[]", "[]") + "."
    return covered(coverage.limited, path) or any(p.startswith(below) for p in coverage.limited)


def shows(answer, sent):
    """Tell whether an answer holds all of what was sent."""
    if isinstance(sent, dict):
        return isinstance(answer, dict) and all(shows(answer.get(k), v) for k, v in sent.items())
    if isinstance(sent, list):
        return (
            isinstance(answer, list) and len(answer) >= len(sent) and all(map(shows, answer, sent))
        )
    return answer == sent


def of(table, service, name):
    """Return what a table has of an operation: of this service, where several have one of the name."""
    return table.get(f"{service}.{name}") or table.get(name)


@pytest.mark.parametrize(
    ("service", "name"),
    [(service, name) for service in MODULES for name in sorted(owned(service).operations)],
)
def test_every_member_is_shown_or_acts_or_stands_in_the_coverage(world, service, name):
    model = service_model(service).operation_model(name)
    shape = model.input_shape
    coverage = owned(service).coverage.get(name, NOTHING)
    documented = {error.name for error in model.error_shapes} | {owned(service).invalid, DENIED}
    documented |= {error.error_code for error in model.error_shapes if error.metadata.get("error")}
    documented |= names_of(owned(service).invalid, service_model(service))
    make = of(EXAMPLES | ENDED, service, name) or (lambda _: valid(shape))
    status, body = ask(world.application, service, name, make(world))
    assert status < 300 or not of(EXAMPLES, service, name), body
    faults = []
    for path, member in paths(shape):
        request = put(shape, make(world), path, valid(member))
        if not carried(model, request):
            continue
        status, body = ask(world.application, service, name, request)
        assert status < 300 or any(
            f'"{code}"' in body or f"<Code>{code}<" in body for code in documented
        ), body
        where = f"{'.'.join(path)}: {status} {body}"
        if covered(coverage.refused, path):
            if status < 300:
                faults.append("taken, though the coverage refuses it: " + where)
        elif status >= 300:
            if "local cloud" in body and not limited(coverage, path):
                faults.append("refused, and not in the coverage: " + where)
        elif not covered(coverage.behaves, path):
            if model.output_shape and model.service_model.protocol == "json":
                answer = json.loads(body)
                broken = list(violations(model.output_shape, convert(model.output_shape, answer)))
                assert not broken, f"{where}: {broken}"
            if where_shown := of(DESCRIBED, service, name):
                described, asked = where_shown
                known = service_model(service).operation_model(described).output_shape.members
                answer = document(body)
                found = world.must(described, asked(request, answer), service)
                lost = covered(coverage.not_honored, path) and path[0] not in known
                if not lost and not shows(found.get(path[0]), request[path[0]]):
                    faults.append(f"not shown by {described}: {where} {found.get(path[0])}")
            elif path[0] not in make(world) and not (
                covered(coverage.not_honored, path)
                or (name.startswith(("List", "GetCrawlers")) and LISTED.search(path[0]))
            ):
                faults.append(f"acts how? {where}")
    assert not faults, "\n".join(faults)


LISTS = [n for n in sorted(owned("sagemaker").operations) if n.startswith("List")]
FUTURE, PAST = 4_000_000_000, 1
NOBODY = {  # values of filters that nothing has
    "StatusEquals": "Stopping",
    "ListEndpoints.StatusEquals": "SystemUpdating",
    "ListInferenceComponents.StatusEquals": "Updating",
    "ModelApprovalStatus": "Rejected",
    "WarmPoolStatusEquals": "InUse",
    "TrainingPlanArnEquals": "arn:aws:sagemaker:us-east-1:123456789012:training-plan/none",
}


def every(world, name, base, items, order):
    """Return all items of a list, in an order."""
    request, found = base | {"SortOrder": order, "MaxResults": 100}, []
    while True:
        page = world.must(name, request)
        found += page[items]
        if "NextToken" not in page:
            return found
        request["NextToken"] = page["NextToken"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_filters_sorts_and_pages(world, name):
    model = service_model("sagemaker").operation_model(name)
    base = EXAMPLES.get(name, lambda _: {})(world)
    (items,) = (m for m, s in model.output_shape.members.items() if s.type_name == "list")

    def listed(**more):
        return world.must(name, base | more)[items]

    for member, shape in model.input_shape.members.items():
        if member.endswith("After"):
            assert listed(**{member: PAST}) and not listed(**{member: FUTURE}), member
        elif member.endswith("Before"):
            assert listed(**{member: FUTURE}) and not listed(**{member: PAST}), member
        elif member.endswith(("NameContains", "Prefix")):
            assert not listed(**{member: "zzz"}), member
        elif member in NOBODY:
            value = NOBODY.get(f"{name}.{member}", NOBODY[member])
            assert not listed(**{member: value}), member
        elif member == "SortOrder":
            up, down = (every(world, name, base, items, order) for order in shape.enum)
            assert len(up) > 1
            assert up == down[::-1]
        elif member == "SortBy":
            for value in shape.enum:
                assert listed(SortBy=value), value
        elif member == "MaxResults":
            least = shape.metadata.get("min", 1)
            first = world.must(name, base | {member: least})
            assert len(first[items]) <= least
            if least == 1:
                second = world.must(name, base | {member: 1, "NextToken": first["NextToken"]})
                assert first[items] != second[items]


@pytest.mark.parametrize("service", MODULES)
def test_the_coverage_names_members_that_exist(service):
    for name, coverage in owned(service).coverage.items():
        assert name in owned(service).operations
        shape = service_model(service).operation_model(name).input_shape
        known = {".".join(path).replace(".[]", "[]") for path, _ in paths(shape)}
        for table in (coverage.refused, coverage.limited, coverage.not_honored, coverage.behaves):
            assert table.keys() <= known, name


def test_the_page_says_what_the_code_does():
    script = Path(__file__).parents[3] / "scripts" / "coverage.py"
    checked = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr

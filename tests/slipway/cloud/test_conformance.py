"""Every operation that Slipway owns, against requests made from AWS's own model of it.

What the model forbids is refused, in AWS's form, before anything happens.
"""

import pytest

from slipway.cloud.application import Application
from slipway.cloud.json_protocol import service_model
from slipway.cloud.process import assemble
from slipway.cloud.services import MODULES, owned
from slipway.cloud.shapes import convert, violations
from tests.slipway.cloud.asking import ask, carried
from tests.slipway.cloud.examples import forbidden, paths, put, valid

OPERATIONS = [(service, name) for service in MODULES for name in sorted(owned(service).operations)]


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    cloud = assemble(tmp_path_factory.mktemp("conformance"), "http://localhost:4599")
    yield Application(cloud)
    cloud.state.close()


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_the_examples_are_what_the_model_allows(service, name):
    shape = service_model(service).operation_model(name).input_shape
    base = valid(shape)
    assert not list(violations(shape, convert(shape, base)))
    for path, member in paths(shape):
        request = put(shape, base, path, valid(member))
        assert not list(violations(shape, convert(shape, request))), path


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_what_the_model_forbids_is_refused_in_awss_form(application, service, name):
    model = service_model(service).operation_model(name)
    shape, base = model.input_shape, valid(model.input_shape)
    cases = [((), *bad) for bad in forbidden(shape) if bad[0] != "wrong type"]
    cases += [(path, *bad) for path, member in paths(shape) for bad in forbidden(member)]
    for path, what, value in cases:
        request = put(shape, base, path, value)
        if not carried(model, request):
            continue
        status, body = ask(application, service, name, request)
        where = f"{'.'.join(path)} {what}: {body}"
        assert status == 400, where
        invalid = owned(service).invalid
        assert any(
            code in body for code in (invalid, "SerializationException", "MalformedInput")
        ), where
        named = next((part for part in reversed(path) if part not in ("[]", "{}")), "")
        assert named[1:] in body, where
        if what.startswith("without"):
            assert "Member must not be null" in body, where

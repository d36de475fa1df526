"""Every operation that Slipway owns, against requests made from AWS's own model of it.

What the model forbids is refused, in AWS's form, before anything happens.
"""

import pytest

from conformance.asking import ask, carried, names_of
from conformance.examples import forbidden, paths, put, valid
from slipway.cloud.json_protocol import service_model
from slipway.cloud.services import MODULES, owned
from slipway.cloud.shapes import convert, violations

OPERATIONS = [(service, name) for service in MODULES for name in sorted(owned(service).operations)]


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_the_examples_are_what_the_model_allows(service, name):
    shape = service_model(service).operation_model(name).input_shape
    base = valid(shape)
    assert not list(violations(shape, convert(shape, base)))
    for path, member in paths(shape):
        request = put(shape, base, path, valid(member))
        assert not list(violations(shape, convert(shape, request))), path


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_what_the_model_forbids_is_refused_in_awss_form(shared, service, name):
    model = service_model(service).operation_model(name)
    shape, base = model.input_shape, valid(model.input_shape)
    cases = [((), *bad) for bad in forbidden(shape) if bad[0] != "wrong type"]
    cases += [(path, *bad) for path, member in paths(shape) for bad in forbidden(member)]
    for path, what, value in cases:
        request = put(shape, base, path, value)
        if not carried(model, request):
            continue
        status, body = ask(shared.application, service, name, request)
        where = f"{'.'.join(path)} {what}: {body}"
        assert status == 400, where
        invalid = names_of(owned(service).invalid, service_model(service))
        assert any(
            code in body for code in (*invalid, "SerializationException", "MalformedInput")
        ), where
        named = next((part for part in reversed(path) if part not in ("[]", "{}")), "")
        assert named[1:] in body, where
        if what.startswith("without"):
            assert "Member must not be null" in body, where

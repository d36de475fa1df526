"""What UpdateEndpoint refuses, and what it retains, on plain data."""

import pytest

from slipway.cloud.sagemaker.endpoints.update_rules import (
    component_problems,
    config_problems,
    retain,
    scaling_problems,
)


def config(*variants, **more):
    return {"ProductionVariants": list(variants)} | more


def variant(name="v", kind="ml.m5.large", **more):
    return {"VariantName": name, "ModelName": "m", "InstanceType": kind} | more


SERVERLESS = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": {"MaxConcurrency": 1}}
HOST = {"VariantName": "v", "InstanceType": "ml.m5.large"}  # of inference components


def test_an_asynchronous_endpoint_stays_one():
    asynchronous = config(variant(), AsyncInferenceConfig={})
    (problem,) = config_problems("e", asynchronous, config(variant()))
    assert problem.startswith(
        "The AsyncInferenceConfig parameter cannot be removed from this endpoint e."
    )
    assert list(config_problems("e", asynchronous, asynchronous)) == []


def test_instances_do_not_become_serverless_but_the_other_way_works():
    (problem,) = config_problems("e", config(variant()), config(SERVERLESS))
    assert "cannot be updated to serverless" in problem
    assert list(config_problems("e", config(SERVERLESS), config(variant()))) == []


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (config(variant("v", "ml.m5.xlarge")), "cannot change from ml.m5.large to ml.m5.xlarge"),
        (config(variant("w")), "cannot be removed"),
    ],
)
def test_a_variant_that_is_scaled_automatically_keeps_its_instances(new, said):
    (problem,) = scaling_problems(config(variant()), new, ["v"])
    assert said in problem
    assert list(scaling_problems(config(variant()), new, [])) == []
    other_model = config(variant(ModelName="other"))
    assert list(scaling_problems(config(variant()), other_model, ["v"])) == []


def test_inference_components_keep_their_variant():
    assert list(component_problems(config(HOST), {"c": "v"})) == []
    for new in (config(variant()), config(HOST | {"VariantName": "w"})):
        (problem,) = component_problems(new, {"c": "v"})
        assert "Inference component c is deployed on variant v" in problem


def test_live_counts_and_weights_are_retained_by_name():
    live = [{"VariantName": "v", "DesiredInstanceCount": 7, "DesiredWeight": 3.0}]
    request = {"RetainAllVariantProperties": True}
    excluded = [{"VariantPropertyType": "DesiredInstanceCount"}]
    for asked, expected in (
        ({}, (2, 1.0)),
        (request, (7, 3.0)),
        (request | {"ExcludeRetainedVariantProperties": excluded}, (2, 3.0)),
    ):
        v = {"VariantName": "v", "DesiredInstanceCount": 2, "DesiredWeight": 1.0}
        w = v | {"VariantName": "w"}
        retain(asked, live, [v, w])
        assert (v["DesiredInstanceCount"], v["DesiredWeight"]) == expected
        assert (w["DesiredInstanceCount"], w["DesiredWeight"]) == (2, 1.0)

"""At-rest costs: counted from templates, and no type without a thought."""

import pytest

from infra.costs import Line, NoPrice, at_rest

PRICES = {
    "hours": 730,
    "hourly": {"AWS::EC2::VPCEndpoint": [0.01, "endpoint"]},
    "monthly": {"AWS::KMS::Key": [1.0, "key"]},
    "nothing": {"AWS::EC2::": "free"},
}


def template(*resources: dict) -> dict:
    return {"Resources": {f"R{index}": each for index, each in enumerate(resources)}}


def test_endpoints_cost_by_zone_and_keys_by_month() -> None:
    network = template(
        {"Type": "AWS::EC2::VPC"},
        {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"SubnetIds": ["a", "b"]}},
        {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"RouteTableIds": ["r"]}},
    )
    lake = template({"Type": "AWS::KMS::Key", "Properties": {}})
    assert at_rest([network, lake], PRICES) == [Line("endpoint", 2, 14.6), Line("key", 1, 1.0)]


def test_a_type_without_a_price_is_an_error_that_names_it() -> None:
    with pytest.raises(NoPrice, match="AWS::Neptune::DBCluster: expected in prices-"):
        at_rest([template({"Type": "AWS::Neptune::DBCluster"})], PRICES)

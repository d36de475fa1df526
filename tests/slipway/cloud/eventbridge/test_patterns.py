"""Event patterns by the user guide's examples, and by their laws."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.cloud.eventbridge.pattern_tests import BadPattern
from slipway.cloud.eventbridge.patterns import matches, parse

EVENT = {
    "source": "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    "account": "123456789012",
    "time": "2026-11-18T11:26:42Z",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-12345678", "arn:aws:x"],
    "detail": {
        "state": "terminated", "c-count": 10, "d-count": 301.8, "zero": 0, "on": True, "no": None,
        "empty": "", "source-ip": "10.0.0.77", "file": "raw/tsv/a\\b*c.tsv", "none": [],
        "people": [{"name": "Ada", "team": "x"}, {"name": "Bob", "team": "y"}],
        "deep": [[1, 2], [3]],
    },
}  # fmt: skip


def detail(**found):
    return {"detail": {name.replace("_", "-"): value for name, value in found.items()}}


MATCHING = {
    "exact": {"source": ["aws.ec2"], **detail(state=["running", "terminated"])},
    "array": {"resources": ["arn:aws:x"]},
    "prefix": {"time": [{"prefix": "2026-11-18"}]},
    "prefix ignoring case": detail(state=[{"prefix": {"equals-ignore-case": "TERM"}}]),
    "suffix": detail(file=[{"suffix": ".tsv"}]),
    "suffix ignoring case": detail(file=[{"suffix": {"equals-ignore-case": ".TSV"}}]),
    "equals-ignore-case": detail(state=[{"equals-ignore-case": "Terminated"}]),
    "wildcard": detail(file=[{"wildcard": "raw/*/a*.tsv"}]),
    "wildcard escapes": detail(file=[{"wildcard": "raw/tsv/a\\\\b\\*c.*"}]),
    "anything-but": detail(state=[{"anything-but": "initializing"}]),
    "anything-but list": detail(c_count=[{"anything-but": [1, 2]}]),
    "anything-but prefix": detail(state=[{"anything-but": {"prefix": "init"}}]),
    "anything-but suffixes": detail(file=[{"anything-but": {"suffix": [".txt", ".rtf"]}}]),
    "anything-but wildcard": detail(file=[{"anything-but": {"wildcard": "*/bin/*"}}]),
    "anything-but ignoring case": detail(state=[{"anything-but": {"equals-ignore-case": "X"}}]),
    "anything-but in an array": {"resources": [{"anything-but": "arn:aws:x"}]},
    "numeric": detail(c_count=[{"numeric": [">", 0, "<=", 10]}], d_count=[{"numeric": ["<", 302]}]),
    "numeric equal": detail(d_count=[{"numeric": ["=", 3.018e2]}]),
    "cidr": detail(source_ip=[{"cidr": "10.0.0.0/24"}]),
    "exists": detail(state=[{"exists": True}], nothing=[{"exists": False}]),
    "an object is no value": {"detail": [{"exists": False}]},
    "absent below absent": detail(a={"b": {"c": [{"exists": False}]}}),
    "null": detail(no=[None]),
    "empty": detail(empty=[""]),
    "boolean": detail(on=[True]),
    "zero": detail(zero=[0]),
    "one element": detail(people={"name": ["Ada"], "team": ["x"]}),
    "nested arrays": detail(deep=[3]),
    "empty array": detail(none=[{"exists": False}]),
    "or": {"$or": [{"source": ["aws.s3"]}, detail(c_count=[10])], "account": ["123456789012"]},
    "or below": {"detail": {"$or": [{"zero": [1]}, {"on": [True]}], "no": [None]}},
    "one of several tests": detail(state=[{"prefix": "x"}, {"suffix": "ed"}]),
}  # fmt: skip
OTHER = {
    "exact": {"source": ["aws.s3"]},
    "all fields": {"source": ["aws.ec2"], "account": ["1"]},
    "case": detail(state=["Terminated"]),
    "numbers as they are written": detail(c_count=[10.0]),
    "one is not true": detail(on=[1]),
    "zero is not false": detail(zero=[False]),
    "absent": detail(nothing=["x"]),
    "absent is not null": detail(nothing=[None]),
    "anything-but absent": detail(nothing=[{"anything-but": "x"}]),
    "two elements": detail(people={"name": ["Ada"], "team": ["y"]}),
    "numeric on text": detail(state=[{"numeric": [">", 0]}]),
    "cidr on text": detail(state=[{"cidr": "10.0.0.0/24"}]),
    "cidr": detail(source_ip=[{"cidr": "10.0.1.0/24"}]),
    "wildcard": detail(file=[{"wildcard": "raw/*.txt"}]),
    "exists of an object": {"detail": [{"exists": True}]},
    "or": {"$or": [{"source": ["aws.s3"]}, {"source": ["aws.sqs"]}]},
    "or and": {"$or": [{"source": ["aws.ec2"]}, {"source": ["x"]}], "account": ["1"]},
    "anything-but": detail(state=[{"anything-but": ["terminated", "x"]}]),
    "anything-but wildcard": detail(file=[{"anything-but": {"wildcard": "raw/*"}}]),
}


@pytest.mark.parametrize("name", MATCHING)
def test_these_match(name):
    assert matches(parse(json.dumps(MATCHING[name])), EVENT)


@pytest.mark.parametrize("name", OTHER)
def test_these_do_not(name):
    assert not matches(parse(json.dumps(OTHER[name])), EVENT)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{", "Invalid JSON"),
        ("[]", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": "x"}', '"a" must be an object or an array'),
        ('{"a": []}', "Empty arrays are not allowed"),
        ('{"a": {}}', "Empty objects are not allowed"),
        ('{"a": [["x"]]}', "Match value must be String, number, true, false, or null"),
        ('{"a": [{"like": "x"}]}', "Unrecognized match type like"),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
        ('{"a": [{"numeric": 1}]}', "Value of numeric must be an array."),
        ('{"a": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator: ~"),
        ('{"a": [{"numeric": [">", "1"]}]}', "Value of > must be numeric"),
        ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top"),
        ('{"a": [{"numeric": [">"]}]}', "Value of > must be numeric"),
        ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"),
        ('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters at pos 1"),
        ('{"a": [{"anything-but": ["x", 1]}]}', "mixed type is not supported"),
        ('{"a": [{"anything-but": {"numeric": [">", 1]}}]}', "Unsupported anything-but"),
        ('{"$or": [{"a": ["x"]}]}', "There must have at least 2 Objects in $or relationship."),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused_in_eventbridges_words(pattern, reason):
    with pytest.raises(BadPattern) as error:
        parse(pattern)
    assert reason in str(error.value)


LEAVES = st.one_of(
    st.text(max_size=5), st.integers(-1000, 1000), st.booleans(), st.none(), st.floats(-9, 9)
)
NAMES = st.text(min_size=1, max_size=3).filter(lambda name: name != "$or")
EVENTS = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=6
    ),
    min_size=1,
    max_size=4,
)


def exactly(event):
    return {k: exactly(v) if isinstance(v, dict) else [v] for k, v in event.items()}


@given(EVENTS)
def test_every_event_matches_the_pattern_made_of_it(event):
    assert matches(parse(json.dumps(exactly(event))), json.loads(json.dumps(event)))


@given(EVENTS, NAMES)
def test_exists_true_and_false_are_opposites(event, name):
    there, gone = (
        matches(parse(json.dumps({name: [{"exists": e}]})), event) for e in (True, False)
    )
    assert there != gone


@given(st.text(max_size=6), st.text(max_size=6))
def test_anything_but_is_the_opposite_for_one_value(value, other):
    for test in (other, {"prefix": other}, {"suffix": other}, {"equals-ignore-case": other}):
        plain = matches(parse(json.dumps({"a": [test]})), {"a": value})
        but = matches(parse(json.dumps({"a": [{"anything-but": test}]})), {"a": value})
        assert plain != but


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_a_wildcard_between_two_texts_is_a_prefix_and_a_suffix(first, middle, last):
    def escaped(text):
        return text.replace("\\", "\\\\").replace("*", "\\*")

    pattern = parse(json.dumps({"a": [{"wildcard": f"{escaped(first)}*{escaped(last)}"}]}))
    assert matches(pattern, {"a": first + middle + last})


@given(st.integers(-100, 100), st.integers(-100, 99), st.integers(1, 100))
def test_a_range_is_its_two_comparisons(value, low, width):
    def one(*test):
        return matches(parse(json.dumps({"a": [{"numeric": list(test)}]})), {"a": value})

    high = low + width
    assert one(">", low, "<=", high) == (one(">", low) and one("<=", high)) == (low < value <= high)

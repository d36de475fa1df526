"""What targets get of an event, by the user guide's examples."""

import json

import pytest

from slipway.cloud.eventbridge.inputs import compact, is_path, parameters, text_of

EVENT = {
    "version": "0", "id": "e1", "source": "aws.ec2", "detail-type": "Change", "resources": ["arn:a", "arn:b"],
    "time": "2026-11-21T12:00:00Z",
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "n": 7, "on": True, "no": None,
               "said": 'a "b"\n', "map": {"k": "v"}, "list": [1, "x"], "key": "raw/a b.tsv"},
}  # fmt: skip
ABOUT = {
    "rule-arn": "arn:aws:events:rule/r",
    "rule-name": "r",
    "event.ingestion-time": "2026-11-21T12:00:01Z",
}


def transformed(template, **paths):
    target = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}
    return text_of(target, EVENT, ABOUT)


def test_all_a_part_or_a_constant():
    assert json.loads(text_of({}, EVENT, ABOUT)) == EVENT
    assert text_of({"InputPath": "$.detail"}, EVENT, ABOUT) == compact(EVENT["detail"])
    assert text_of({"InputPath": "$.resources[1]"}, EVENT, ABOUT) == '"arn:b"'
    assert text_of({"InputPath": "$"}, EVENT, ABOUT) == compact(EVENT)
    assert text_of({"InputPath": "$.nowhere"}, EVENT, ABOUT) == "{}"
    assert text_of({"Input": '{"a": 1}'}, EVENT, ABOUT) == '{"a": 1}'


@pytest.mark.parametrize(
    ("template", "paths", "expected"),
    [
        ('"instance <i> is in <s>"', {"i": "$.detail.instance-id", "s": "$.detail.state"},
         '"instance i-0123456789 is in RUNNING"'),
        ('{"i": <i>, "n": <n>, "on": <on>, "no": <no>}',
         {"i": "$.detail.instance-id", "n": "$.detail.n", "on": "$.detail.on", "no": "$.detail.no"},
         '{"i": "i-0123456789", "n": 7, "on": true, "no": null}'),
        ('{"i": "<i>", "n": "n is <n>"}', {"i": "$.detail.instance-id", "n": "$.detail.n"},
         '{"i": "i-0123456789", "n": "n is 7"}'),
        ('{"map": <m>, "list": <l>}', {"m": "$.detail.map", "l": "$.detail.list"},
         '{"map": {"k":"v"}, "list": [1,"x"]}'),
        ('"got <m>"', {"m": "$.detail.map"}, '"got {k:v}"'),
        ('{"said": <s>, "again": "<s>"}', {"s": "$.detail.said"},
         '{"said": "a \\"b\\"\\n", "again": "a \\"b\\"\\n"}'),
        ('{"x": <x>, "y": "<x>"}', {"x": "$.nowhere"}, '{"x": "", "y": ""}'),
        ('"a \\"<i>\\""', {"i": "$.detail.instance-id"}, '"a \\"i-0123456789\\""'),
        ('{"rule": <aws.events.rule-arn>, "name": "<aws.events.rule-name>"}', {},
         '{"rule": "arn:aws:events:rule/r", "name": "r"}'),
        ('<aws.events.event.json>', {}, compact(EVENT)),
        ('{"at": <aws.events.event.ingestion-time>}', {}, '{"at": "2026-11-21T12:00:01Z"}'),
        ('{"all": <r>}', {"r": "$.resources[*]"}, '{"all": ["arn:a","arn:b"]}'),
        ('{"k": <k>}', {"k": "$.detail['key']"}, '{"k": "raw/a b.tsv"}'),
        ('"one <i>"\n"two <i>"', {"i": "$.detail.n"}, '"one 7"\n"two 7"'),
    ],
)  # fmt: skip
def test_a_template_is_filled_in(template, paths, expected):
    assert transformed(template, **paths) == expected


def test_the_event_without_its_detail():
    assert "detail" not in json.loads(transformed("<aws.events.event>"))


def test_parameters_of_a_pipeline_are_constants_or_paths():
    listed = [
        ("a", "fixed"),
        ("b", "$.detail.key"),
        ("c", "$.detail.n"),
        ("d", "$5"),
        ("e", "$.no"),
    ]
    target = {
        "SageMakerPipelineParameters": {
            "PipelineParameterList": [{"Name": name, "Value": value} for name, value in listed]
        }
    }
    found = [("a", "fixed"), ("b", "raw/a b.tsv"), ("c", "7"), ("d", "$5"), ("e", "")]
    assert parameters(target, EVENT) == tuple(found)
    assert parameters({}, EVENT) == ()


@pytest.mark.parametrize("path", ["", "detail", "$detail", "$..a", "$.a[b]", "$.a ", "$.a[?(@.b)]"])
def test_what_is_no_path(path):
    assert not is_path(path)

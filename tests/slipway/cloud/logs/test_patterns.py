"""Filter patterns as AWS documents them: terms, JSON, columns."""

import json

import pytest

CALL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "SomeOtherObject": 150,
        "ThisFlag": True,
        "user": {"name.full": "Ada", "id": -1.5, "text": "42"},
    }
)
LINE = '127.0.0.1 Prod frank [10/Oct/2026:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'

MATCHES = [
    ("", "anything"), ("ERROR", "[ERROR 401] no"), ("ERROR 401", "[ERROR 401] no"),
    ('"no way"', "there is no way"), ("?ERROR ?WARN", "WARN it"), ("ERROR -EXITING", "ERROR"),
    ("%[Ee]rror \\d+%", "error 12"),
    ('{ $.eventType = "UpdateTrail" }', CALL), ("{$.eventType=UpdateTrail}", CALL),
    ('{ $.sourceIPAddress != 123.123.* }', CALL), ('{ $.sourceIPAddress = "111.*" }', CALL),
    ('{ $.arrayKey[0] = "value" }', CALL), ('{ $.objectList[1].id = 2 }', CALL),
    ('{ $.objectList[*].name = b }', CALL), ("{ $.eventType = %^Update% }", CALL),
    ("{ $.SomeObject IS NULL }", CALL), ("{ $.SomeMissing NOT EXISTS }", CALL),
    ("{ $.ThisFlag IS TRUE }", CALL), ('{ $.user = "*" }', CALL), ('{ $.ThisFlag = "*" }', CALL),
    ("{ $.SomeOtherObject >= 1.5e2 }", CALL), ("{ $.user.id < 0 }", CALL), ("{ $.user.id = -1.5 }", CALL),
    ("{ $.user.text = 42 }", CALL), ("{ $.user['name.full'] = Ada }", CALL),
    ('{ ($.user.id = 1) || ($.eventType = "U*" && ($.SomeOtherObject > 100)) }', CALL),
    ('{ $.user.id = 9 && $.user.id = 8 || $.ThisFlag IS TRUE }', CALL),
    ("[ip, user, username, timestamp, request = *.html*, status_code = 4*, bytes]", LINE),
    ("[ip, ..., status = 404 || status = 410, bytes > 1000]", LINE),
    ("[..., bytes < 2000 && bytes != 5]", LINE), ("[ip, id, ...]", LINE),
    ('[ip, id, user, ts = "10/Oct*", ...]', LINE), ("[ip = %127\\.0\\.0\\.[0-9]%, ...]", LINE),
]  # fmt: skip
MISSES = [
    ("error", "ERROR"), ("ERROR ARGUMENTS", "ERROR"), ("?ERROR ?WARN", "INFO"), ("ERROR -EXITING", "ERROR EXITING"),
    ('{ $.eventType = "Update" }', CALL), ("{ $.eventType != UpdateTrail }", CALL), ("{ $.missing != a }", CALL),
    ("{ $.missing = a }", CALL), ("{ $.arrayKey[5] = a }", CALL), ("{ $.SomeOtherObject IS NULL }", CALL),
    ("{ $.eventType NOT EXISTS }", CALL), ("{ $.ThisFlag IS FALSE }", CALL), ("{ $.SomeOtherObject > 150 }", CALL),
    ("{ $.eventType > 1 }", CALL), ('{ $.eventType = "*" }', "UpdateTrail"), ('{ $.a = "*" }', '{"a": null}'),
    ("[ip, user, username]", LINE), ("[ip, ..., status = 5*, bytes]", LINE), ("[a, b, c, d, e, f, g, h, ...]", LINE),
]  # fmt: skip


@pytest.fixture(scope="module")
def tried(shared):
    logs = shared.client("logs")

    def run(pattern, *messages):
        asked = {"filterPattern": pattern, "logEventMessages": list(messages)}
        return logs.test_metric_filter(**asked)["matches"]

    return run


def test_what_matches_and_what_does_not(tried):
    assert [pair for pair in MATCHES if not tried(*pair)] == []
    assert [pair for pair in MISSES if tried(*pair)] == []


def test_what_is_seen_in_an_event(tried):
    (found,) = tried("{ $.user.id < 0 && $.eventType = * }", "no", CALL)
    assert (found["eventNumber"], found["eventMessage"]) == (2, CALL)
    assert found["extractedValues"] == {"$.user.id": "-1.5", "$.eventType": "UpdateTrail"}
    (found,) = tried("[ip, ..., request, status = 4*, bytes]", LINE)
    assert found["extractedValues"] == {
        "$ip": "127.0.0.1",
        "$request": "GET /index.html HTTP/1.0",
        "$status": "404",
        "$bytes": "1534",
    }


@pytest.mark.parametrize(
    "pattern",
    [
        *("{ $.a }", "{ $.a = }", "{ $.a > b }", "{ a = 1 }", "{ $.a = 1", "{ ($.a = 1 }"),
        *("{ $.a = 1 $.b = 2 }", "{ $.a = %(% }", "{ $..a = 1 }", "{ }", "{ $.a = 1 && }"),
        *("[a, b", "[]", "[a,,b]", "[a, ..., b, ...]", "[a = 1 && b = 2]", "[a > b]", "%(%"),
    ],
)
def test_what_is_no_pattern_is_refused(tried, pattern):
    with pytest.raises(Exception, match="Invalid metric filter pattern"):
        tried(pattern, "a")

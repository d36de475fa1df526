"""The documents that survive."""

from slipway.cloud.state import State


def test_a_written_document_is_there_after_reopening(tmp_path):
    first = State(tmp_path / "state.sqlite")
    assert first.documents("us-east-1", "Thing").create("a", {"x": 1})
    assert not first.documents("us-east-1", "Thing").create("a", {"x": 2})
    again = State(tmp_path / "state.sqlite")  # the first one is still open, as after a kill
    assert again.documents("us-east-1", "Thing").get("a") == {"x": 1}
    assert again.documents("eu-west-1", "Thing").get("a") is None

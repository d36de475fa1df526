"""Laws of the network and of its batches."""

import pytest

LENGTH = 16


def test_the_head_has_the_parameters_of_the_published_table(image):
    assert image.call("training.head_parameters", 768) == [327_600, 5_050, 255]


def test_padding_does_not_change_the_logits(image, tiny_bert):
    difference, spread = image.call("training.padding_changes_logits_by", tiny_bert, 12, 40)
    assert difference < 1e-5 < spread


@pytest.mark.parametrize("kind", ["tiny_bert", "tiny_distilbert"])
def test_cached_encoder_outputs_give_the_logits_of_the_whole_network(
    image, features, tmp_path, kind, request
):
    weights = request.getfixturevalue(kind)
    train = features / "train"
    difference, spread = image.call(
        "training.cached_outputs_differ_by", weights, train, LENGTH, tmp_path
    )
    assert difference < spread / 50  # float16
    assert spread > 0.01


def test_the_encoder_learns_unless_it_is_frozen(image, tiny_bert):
    (encoder, head), norm = image.call("training.changed_by_a_step", tiny_bert, True)
    assert (encoder, head) == (0, 10)  # two LSTMs of three arrays, two dense layers of two
    assert norm > 0
    (encoder, head), _ = image.call("training.changed_by_a_step", tiny_bert, False)
    assert encoder >= 16  # all but the pooler, and the keys' bias, which a softmax cancels
    assert head == 10


@pytest.mark.parametrize("cached", [False, True])
def test_the_batches_of_an_epoch(image, features, cached):
    found = (
        image.call("training.cached_orders", 37, 8)
        if cached
        else image.call("training.orders", features / "train", LENGTH, 8)
    )
    flat = {
        name: [review for batch in batches for review in batch] for name, batches in found.items()
    }
    every = set(flat["plain"])
    for name in ("plain", "first", "second"):
        assert len(flat[name]) == len(every) and set(flat[name]) == every
        assert {len(batch) for batch in found[name][:-1]} == {8}
    assert found["first"] == found["first again"]
    assert flat["first"] != flat["second"] != flat["plain"]
    assert found["first, from the third batch"] == found["first"][2:]
    assert [len(batch) for batch in found["20 steps"]] == [8] * 20
    assert set(flat["20 steps"]) == every

"""The features job as a process, on real reviews and on spoiled ones."""

import gzip
import json
from collections import Counter

import pytest
from pyarrow import parquet

from reviews.schema import NAMES
from reviews.spec import FeatureSpec

SPLITS = ("train", "validation", "test")
SMALL = ("--max-seq-length", 16, "--balance-dataset", "False")


def rows_of(output):
    return {
        split: [
            row
            for file in sorted((output / "bert" / split).glob("*.parquet"))
            for row in parquet.read_table(file).to_pylist()
        ]
        for split in SPLITS
    }


@pytest.fixture(scope="module")
def prepare(image, weights):
    """Run the job on a folder; return its end, its rows by split, its report and what it refused."""

    def run(source, output, *words):
        ended = image.run(
            "prepare_features.py",
            "--input",
            source,
            "--weights",
            weights,
            "--output",
            output,
            *words,
        )
        if ended.returncode:
            return ended, None, None, None
        (report,) = (output / "report").glob("*.json")
        (rejects,) = (output / "quarantine").glob("*.jsonl")
        refused = [json.loads(line) for line in rejects.read_text().splitlines()]
        return ended, rows_of(output), json.loads(report.read_text()), refused

    return run


@pytest.fixture(scope="module")
def real(prepare, real_reviews, tmp_path_factory):
    output = tmp_path_factory.mktemp("real")
    return output, *prepare(real_reviews, output, *SMALL)[1:]


def test_real_reviews_are_split_without_a_leak(real):
    _, rows, report, _ = real
    for name in ("review_id", "review_body"):
        sides = [{row[name] for row in rows[split]} for split in SPLITS]
        assert sum(map(len, sides)) == len(set.union(*sides))
    assert sum(map(len, rows.values())) == report["quarantine"]["rows"] == 5071
    assert 0.85 < len(rows["train"]) / 5071 < 0.95


def test_records_and_parquet_hold_the_same_reviews_in_the_same_order(real, image):
    output, rows, _, _ = real
    for split in ("validation", "test"):  # the training split is written by the same code
        (file,) = (output / "bert" / split).glob("*.tfrecord")
        expected = [
            {
                "input_ids": row["input_ids"],
                "input_mask": row["input_mask"],
                "segment_ids": row["segment_ids"],
                "label_ids": [row["label_id"]],
            }
            for row in rows[split]
        ]
        assert image.call("records.parse", file) == expected


def test_rows_are_a_feature_groups_records(real):
    output, rows, report, _ = real
    assert all(row["label_id"] == row["label"] - 1 for row in rows["test"])
    assert all(row["split_type"] == "test" and len(row["input_ids"]) == 16 for row in rows["test"])
    assert all(row["date"].endswith("T00:00:00Z") for row in rows["test"])
    (file,) = (output / "bert" / "test").glob("*.parquet")
    metadata = parquet.read_schema(file).metadata
    assert {k.decode(): v.decode() for k, v in metadata.items()} == report["feature_group"]
    assert FeatureSpec.load(output / "bert" / "train") == FeatureSpec(16)


def lines(reviews):
    (file,) = reviews.glob("*.tsv.gz")
    return gzip.decompress(file.read_bytes()).decode().splitlines()


def write(folder, *files):
    folder.mkdir()
    for number, rows in enumerate(files):
        text = "\n".join(["\t".join(NAMES), *rows]) + "\n"
        (folder / f"reviews_{number}.tsv.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def keys(rows):
    return {split: sorted(row["review_id"] for row in rows[split]) for split in SPLITS}


def test_shards_get_the_splits_of_one_instance(prepare, real, real_reviews, tmp_path):
    rows = lines(real_reviews)[1:]
    halves = [write(tmp_path / f"in{n}", rows[n::2]) for n in (0, 1)]
    shards = [prepare(half, tmp_path / half.name[-1], *SMALL)[1] for half in halves]
    joined = {split: shards[0][split] + shards[1][split] for split in SPLITS}
    assert keys(joined) == keys(real[1])


def test_only_training_is_balanced_and_the_same_seed_gives_the_same_rows(
    prepare, real, real_reviews, tmp_path
):
    words = ("--max-seq-length", 16, "--balance-dataset", "True")
    _, rows, report, _ = prepare(real_reviews, tmp_path / "a", *words)
    _, again, _, _ = prepare(real_reviews, tmp_path / "b", *words)
    assert rows == again
    least = min(report["split_before_balancing"]["train"].values())
    assert 50 < least < 140  # there are 140 reviews of three stars
    assert Counter(row["label"] for row in rows["train"]) == dict.fromkeys(range(1, 6), least)
    assert {k: v for k, v in keys(rows).items() if k != "train"} == {
        k: v for k, v in keys(real[1]).items() if k != "train"
    }


def test_bad_and_repeated_rows_are_quarantined_with_their_place(prepare, real_reviews, tmp_path):
    good = lines(real_reviews)[1:200]
    spoiled = good[5].split("\t")
    spoiled[NAMES.index("star_rating")] = "7"
    source = write(tmp_path / "in", [*good, "\t".join(spoiled)], [good[9]])
    _, rows, report, refused = prepare(source, tmp_path / "out", *SMALL, "--max-reject-share", 0.05)
    places = [(r["file"], r["line"], r["column"]) for r in refused]
    assert places == [
        ("reviews_0.tsv.gz", 201, "star_rating"),
        ("reviews_1.tsv.gz", 2, "review_id"),
    ]
    assert sum(map(len, rows.values())) == 199
    assert report["quarantine"]["rejected"] == 2


def test_too_many_bad_rows_fail_the_job_with_the_first_of_them(prepare, real_reviews, tmp_path):
    good = lines(real_reviews)[1:20]
    source = write(tmp_path / "in", [*good, good[0]])
    ended, *_ = prepare(source, tmp_path / "out", *SMALL)
    assert ended.returncode == 1
    assert "1 of 20 rows (5.00%) were refused, the limit is 1.00%" in ended.stderr
    assert "reviews_0.tsv.gz, line 21, review_id" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_weights_without_a_tokenizer_and_a_length_that_holds_nothing_are_refused(
    image, weights, real_reviews, tmp_path
):
    words = ("--input", real_reviews, "--output", tmp_path / "out")
    ended = image.run("prepare_features.py", *words, "--weights", tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == (
        f"prepare_features: {tmp_path}/tokenizer.json: expected the tokenizer of a Hugging Face "
        "folder, found none\n"
    )
    ended = image.run("prepare_features.py", *words, "--weights", weights, "--max-seq-length", 2)
    assert ended.returncode == 1
    assert "expected a max_seq_length from 3, found 2" in ended.stderr


def test_a_larger_input_is_shared_by_several_processes_with_the_same_result(
    prepare, real, real_reviews, tmp_path
):
    copies = [
        row.replace("\tR", f"\t{copy}", 1) for copy in range(5) for row in lines(real_reviews)[1:]
    ]
    source = tmp_path / "in"
    source.mkdir()
    (source / "reviews.tsv").write_text("\n".join(["\t".join(NAMES), *copies]) + "\n")
    _, rows, report, _ = prepare(source, tmp_path / "out", *SMALL)
    assert len(list((tmp_path / "out" / "bert" / "train").glob("*.tfrecord"))) == 2
    once = Counter(row["review_body"] for row in real[1]["train"])
    assert Counter(row["review_body"] for row in rows["train"]) == {
        k: 5 * n for k, n in once.items()
    }
    assert report["text"]["reviews"] == 5 * 5071

"""Transform jobs as boto3 sees them, each with a real model server; all are started at once."""

import gzip
import json
import struct
import time

import pytest

from transforms import BUCKET, Transforms

LINES = b"a,1\nb,2\nc,3\n"


@pytest.fixture(scope="module")
def jobs(cloud, tmp_path_factory):
    made = Transforms(cloud, tmp_path_factory.mktemp("asked"))
    line = {"AssembleWith": "Line"}

    made.put("plain", one_csv=LINES, deep__two_csv=b"x,9", empty_csv=b"")
    made.start(
        "plain",
        environment={
            "PARAMETERS": '{"MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD"}'
        },
        output={"Accept": "text/plain"} | line,
        Environment={"OWN": "yes"},
        MaxPayloadInMB=2,
    )

    made.put("several", **{f"f{n}_csv": b"%d" % n * 3 + b"\n" for n in range(5)})
    made.start("several", instances=2, source={"S3Uri": f"s3://{BUCKET}/several/in/f"})

    made.put("fails", bad_csv=LINES + b"bad,4\nd,5\n", good_csv=LINES)
    made.start(
        "fails", BatchStrategy="SingleRecord", ModelClientConfig={"InvocationsMaxRetries": 2}
    )

    made.put("together", all_csv=LINES + b"bad,4\n")
    made.start("together", ModelClientConfig={"InvocationsMaxRetries": 0})

    made.put("joined", data_csv_gz=gzip.compress(b'1,"a, b",x\n2,cc,y\n'))
    made.start(
        "joined",
        "lengths",
        input={"CompressionType": "Gzip"},
        output=line | {"Accept": "text/csv"},
        DataProcessing={"InputFilter": "$[1]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
        DataCaptureConfig={
            "DestinationS3Uri": f"s3://{BUCKET}/joined/captured",
            "GenerateInferenceId": True,
        },
    )

    made.put("uneven", data_csv=LINES)
    made.start(
        "uneven",
        "one",
        output=line | {"Accept": "text/csv"},
        DataProcessing={"JoinSource": "Input"},
    )

    magic = struct.pack("<I", 0xCED7230A)
    record = magic + struct.pack("<I", 2) + b"hi\0\0"
    made.put("manifest", a_rec=record, b_rec=record * 2, c_rec=record)
    manifest = [{"prefix": f"s3://{BUCKET}/manifest/in/"}, "a.rec", "b.rec"]
    made.s3.put_object(Bucket=BUCKET, Key="manifest/m", Body=json.dumps(manifest))
    made.start(
        "manifest",
        source={"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/manifest/m"},
        input={"SplitType": "RecordIO"},
        output=line,
        BatchStrategy="SingleRecord",
    )

    made.put("restarted", data_csv=b"a\ndown once\nb\n")
    made.start("restarted", BatchStrategy="SingleRecord")

    made.put("stopped", done_csv=b"a\n", waits_csv=b"wait\n")
    made.start("stopped")

    made.put("large", a_gz=gzip.compress(b"a\n" + b"x" * (1 << 20) + b"\n"), b_gz=b"no gzip")
    made.start("large", input={"CompressionType": "Gzip"}, MaxPayloadInMB=1)

    made.put("broken", a_csv=LINES)
    made.start("broken", environment={"FAIL": "no weights"})
    made.start("empty")
    made.put("nowhere", a_csv=LINES)
    made.start("nowhere", output={"S3OutputPath": "s3://no-such-bucket-here/out"})

    order = b"".join(b"later\n" if n % 3 == 0 else b"%d\n" % n for n in range(24))
    made.put("order", data_csv=order)
    made.start("order", BatchStrategy="SingleRecord", MaxConcurrentTransforms=8)
    made.order = order
    return made


def test_every_input_becomes_an_output_of_its_name(jobs):
    found = jobs.ended("plain")
    assert found["TransformJobStatus"] == "Completed", found
    assert jobs.outputs("plain") == {
        "one.csv.out": b"A,1\n\nB,2\n\nC,3\n\n",  # a newline after each answer, which has its own
        "deep/two.csv.out": b"X,9\n",
        "empty.csv.out": b"",
    }
    assert found["CreationTime"] <= found["TransformStartTime"] <= found["TransformEndTime"]
    assert found["DataProcessing"] == {
        "InputFilter": "$",
        "OutputFilter": "$",
        "JoinSource": "None",
    }
    assert found["TransformInput"]["CompressionType"] == "None"


def test_the_model_is_told_what_the_job_says_and_nothing_else(jobs):
    jobs.ended("plain")
    bodies = [each[0] for each in jobs.asked("plain")]
    assert sorted(bodies) == ["a,1\n", "b,2\n", "c,3\n", "x,9"]
    for _, kind, accept, told in jobs.asked("plain"):
        assert (kind, accept) == ("text/csv", "text/plain")
        assert told == {"SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "2"}
    wanted = "MaxConcurrentTransforms=3, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD"
    (line,) = jobs.lines("plain", "data-log")
    assert line.endswith(f":[sagemaker logs]: {wanted}")


def test_instances_share_the_files_and_each_has_its_log(jobs):
    assert jobs.ended("several")["TransformJobStatus"] == "Completed"
    assert jobs.outputs("several") == {f"f{n}.csv.out": b"%d" % n * 3 + b"\n" for n in range(5)}
    assert jobs.lines("several", "").count("a model for batches") == 2


def test_a_bad_record_fails_its_file_with_its_line_after_the_retries(jobs):
    found = jobs.ended("fails")
    assert found["TransformJobStatus"] == "Failed"
    assert found["FailureReason"] == (
        "ClientError: See job logs for more information: fails/in/bad.csv line 4: Received client error "
        '(400) from primary with message "not a word I know"; 1 of 2 files failed'
    )
    assert jobs.outputs("fails") == {"good.csv.out": LINES.upper()}
    assert [each[0] for each in jobs.asked("fails")].count("bad,4\n") == 3
    log = jobs.lines("fails", "data-log")
    name = f"{BUCKET}/fails/in/bad.csv"
    last = [line.partition(":[sagemaker logs]: ")[2] for line in log[-4:]]
    told = ["ClientError: 400", "Message:", "not a word I know", "This was line 4."]
    assert last == [f"{name}: {each}" for each in told]


def test_of_many_records_the_first_and_the_last_are_named(jobs):
    reason = jobs.ended("together")["FailureReason"]
    assert "together/in/all.csv line 1 to line 4: Received client error (400)" in reason
    assert len(jobs.asked("together")) == 1
    assert jobs.outputs("together") == {}


def test_an_answer_is_joined_with_its_input_and_captured_by_name(jobs):
    found = jobs.ended("joined")
    assert found["TransformJobStatus"] == "Completed", found
    assert [each[0] for each in jobs.asked("joined")] == ['"a, b"\ncc\n']
    rows = jobs.outputs("joined")["data.csv.gz.out"].decode().splitlines()
    first, second = (row.split(",") for row in rows)
    assert (first[:2], second[:2]) == (["1", "6"], ["2", "2"])
    assert first[2] != second[2]
    assert first[3] == second[3]
    captured = jobs.outputs("joined", "captured/")
    manifests = {name.partition("/")[0]: json.loads(body) for name, body in captured.items()}
    assert manifests == {
        "input": [{"prefix": f"s3://{BUCKET}/joined/in/"}, "data.csv.gz"],
        "output": [{"prefix": f"s3://{BUCKET}/joined/out/"}, "data.csv.gz.out"],
    }


def test_answers_that_are_not_as_many_as_records_are_not_joined(jobs):
    reason = jobs.ended("uneven")["FailureReason"]
    assert "uneven/in/data.csv line 1 to line 3: Failed to join: the request held 3" in reason


def test_a_record_without_room_and_a_broken_file_are_told(jobs):
    reason = jobs.ended("large")["FailureReason"]
    line = "large/in/a.gz line 2: the record has more than the 1048576 bytes of MaxPayloadInMB"
    assert f"{line}; 2 of 2 files failed" in reason
    log = jobs.lines("large", "data-log")
    assert any("large/in/b.gz: ClientError: expected a whole gzip file" in each for each in log)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", ["AlgorithmError: The primary container", "ping health check", "no weights"]),
        ("empty", ['ClientError: No S3 objects found under S3 URL "s3://batches/empty/in/"']),
        ("nowhere", ["ClientError: Expected a bucket no-such-bucket-here"]),
    ],
)
def test_what_ends_a_job_before_its_first_request_is_its_reason(jobs, name, words):
    found = jobs.ended(name)
    assert found["TransformJobStatus"] == "Failed"
    assert all(each in found["FailureReason"] for each in words), found["FailureReason"]


def test_a_manifest_names_files_and_a_frame_is_left_out(jobs):
    assert jobs.ended("manifest")["TransformJobStatus"] == "Completed"
    assert jobs.outputs("manifest") == {"a.rec.out": b"HI\n", "b.rec.out": b"HI\nHI\n"}


def test_a_server_that_ends_is_waited_for(jobs):
    assert jobs.ended("restarted")["TransformJobStatus"] == "Completed"
    assert jobs.outputs("restarted") == {"data.csv.out": b"A\nDOWN ONCE\nB\n"}


def test_the_order_of_records_is_kept_when_many_are_asked_at_once(jobs):
    assert jobs.ended("order")["TransformJobStatus"] == "Completed"
    assert jobs.outputs("order") == {"data.csv.out": jobs.order.upper()}


def test_a_stopped_job_keeps_what_is_whole(jobs):
    end = time.monotonic() + 30
    while len(jobs.asked("stopped")) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
    jobs.sm.stop_transform_job(TransformJobName="stopped")
    assert jobs.ended("stopped", 15)["TransformJobStatus"] == "Stopped"
    assert jobs.outputs("stopped") == {"done.csv.out": b"A\n"}
    with pytest.raises(jobs.sm.exceptions.ClientError, match="is in status Stopped"):
        jobs.sm.stop_transform_job(TransformJobName="stopped")


def test_jobs_are_listed_the_newest_first(jobs):
    names = [
        each["TransformJobName"]
        for each in jobs.sm.list_transform_jobs(MaxResults=100)["TransformJobSummaries"]
    ]
    own = [name for name in names if name in ("plain", "several", "order")]
    assert own == ["order", "several", "plain"]


def test_what_is_wrong_is_refused(jobs):
    with pytest.raises(jobs.sm.exceptions.ResourceInUse, match="must be unique"):
        jobs.sm.create_transform_job(**jobs.request("plain"))
    with pytest.raises(jobs.sm.exceptions.ResourceNotFound):
        jobs.describe("nothing")
    for words, changes in {
        "Could not find model": {"ModelName": "nothing"},
        "must not exceed 100 MB": {"MaxConcurrentTransforms": 20, "MaxPayloadInMB": 6},
        "at most 100 instances": {"instances": 101},
        "none of the operators": {"DataProcessing": {"InputFilter": "$..a"}},
        "reads S3Prefix and ManifestFile": {"source": {"S3DataType": "AugmentedManifestFile"}},
        "expected s3://": {"source": {"S3Uri": "https://x/y"}},
    }.items():
        with pytest.raises(jobs.sm.exceptions.ClientError, match=words) as refused:
            jobs.sm.create_transform_job(**jobs.request("plain", **changes))
        assert refused.value.response["Error"]["Code"] == "ValidationException"

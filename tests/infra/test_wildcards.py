"""The IAM lint finds each `*` that has no reason beside it, and no other."""

from infra.constructs.policy import REASONS, flat
from infra.constructs.wildcards import unexplained


def template(kind: str, statement: dict, reasons: dict | None = None) -> dict:
    key = "KeyPolicy" if kind == "AWS::KMS::Key" else "PolicyDocument"
    return {
        "Resources": {
            "Thing": {
                "Type": kind,
                "Properties": {key: {"Statement": [statement]}},
                "Metadata": {REASONS: reasons or {}},
            }
        }
    }


READ = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:Get*", "s3:ListBucket"],
    "Resource": [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Join": ["", [{"Ref": "B"}, "/*"]]}],
}


def test_each_wildcard_without_a_reason_is_found() -> None:
    assert list(unexplained(template("AWS::IAM::ManagedPolicy", READ))) == [
        ("Thing", "Read", "Action::s3:Get*"),
        ("Thing", "Read", "Resource::<B>/*"),
    ]


def test_a_reason_is_by_statement() -> None:
    assert not list(unexplained(template("AWS::IAM::Policy", READ, {"Read": "files"})))
    assert list(unexplained(template("AWS::IAM::Policy", READ, {"Write": "files"})))


def test_policies_are_found_in_every_type_and_depth() -> None:
    inline = {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": [{"Doc": {"Statement": [READ]}}]},
    }
    assert list(unexplained({"Resources": {"Role": inline}}))


def test_a_denial_may_be_wide_and_a_key_means_itself() -> None:
    denial = {**READ, "Effect": "Deny"}
    assert not list(unexplained(template("AWS::S3::BucketPolicy", denial)))
    use = {"Sid": "Use", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    assert not list(unexplained(template("AWS::KMS::Key", use)))
    assert list(unexplained(template("AWS::KMS::Key", {**use, "Action": "kms:*"})))


def test_references_read_as_cdk_nag_writes_them() -> None:
    assert flat({"Fn::GetAtt": ["Bucket", "Arn"]}) == "<Bucket.Arn>"
    assert flat({"Fn::Sub": "arn:${AWS::Partition}:s3:::x/*"}) == "arn:<AWS::Partition>:s3:::x/*"
    assert flat({"Fn::ImportValue": "other:Export"}) == "other:Export"

"""Two resources of a type never get one name."""

from infra.constructs.names import clashes


def group(name: object) -> dict:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}


def test_a_clash_names_both_resources() -> None:
    templates = {
        "lake": {"Resources": {"A": group("/x/log"), "B": group("/y/log")}},
        "ml": {"Resources": {"C": group("/x/log")}},
    }
    assert list(clashes(templates)) == [
        "AWS::Logs::LogGroup '/x/log': expected one resource of this name, found lake/A and ml/C; "
        "rename one"
    ]


def test_other_types_generated_names_and_references_do_not_clash() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "/x/log"}}
    unnamed = {"Type": "AWS::Logs::LogGroup"}
    resources = {"A": group("/x/log"), "B": queue, "C": unnamed, "D": {**unnamed}}
    resources |= {"E": group({"Ref": "One"}), "F": group({"Ref": "Other"})}
    assert list(clashes({"lake": {"Resources": resources}})) == []

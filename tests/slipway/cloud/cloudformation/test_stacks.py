"""Stacks from their creation to their deletion, of resources in memory."""

import json
import threading
import time

import pytest
from botocore.exceptions import ClientError

from slipway.cloud.cloudformation import conductor
from stacks.memory import remember, thing


@pytest.fixture
def memory(monkeypatch):
    return remember(monkeypatch)


@pytest.fixture
def stacks(shared):
    return shared.client("cloudformation")


def template(outputs=None, **resources):
    return json.dumps({"Resources": resources, "Outputs": outputs or {}})


def status(stacks, name):
    return stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


def history(stacks, name):
    """Return (logical id, status) of all events, the oldest first."""
    found = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(found)]


def reasons(stacks, name):
    found = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return [each["ResourceStatusReason"] for each in found if "ResourceStatusReason" in each]


def test_an_operation_that_follows_at_once_is_waited_for(memory, stacks, monkeypatch):
    monkeypatch.setattr("slipway.cloud.cloudformation.stacks.PATIENCE", 0.1)
    own, threads, leave = conductor.stage, [], threading.Event()

    def stage(store, stack_id):
        more = own(store, stack_id)
        if not more and not threads:  # all is written, and the thread has not ended yet
            threads.append(threading.current_thread())
            leave.wait(20)
        return more

    monkeypatch.setattr(conductor, "stage", stage)
    stacks.create_stack(StackName="at-once", TemplateBody=template(A=thing()))
    id_ = stacks.describe_stacks(StackName="at-once")["Stacks"][0]["StackId"]
    stacks.update_stack(StackName="at-once", TemplateBody=template(A=thing(), B=thing(Wait=True)))
    leave.set()
    threads[0].join()
    waited = threading.Thread(target=conductor.wait, args=(id_, 20))
    waited.start()
    waited.join(0.2)
    assert waited.is_alive()
    memory.gate.set()
    waited.join(10)
    assert status(stacks, "at-once") == "UPDATE_COMPLETE"


def test_a_stack_is_made_in_order_and_removed_backwards(memory, stacks):
    body = template(
        {"Out": {"Value": {"Fn::GetAtt": ["B", "Arn"]}, "Description": "an ARN"}},
        B=thing(Value={"Ref": "A"}),
        A=thing(Name="ordered-a"),
        C=thing(_DependsOn="B", _DeletionPolicy="Retain"),
    )
    made = stacks.create_stack(
        StackName="ordered", TemplateBody=body, Tags=[{"Key": "team", "Value": "reviews"}]
    )
    (stack,) = stacks.describe_stacks(StackName="ordered")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Outputs"][0]["OutputValue"].startswith("arn:ordered-B-")
    assert memory.tags["ordered-a"] == {
        "team": "reviews",
        "aws:cloudformation:stack-name": "ordered",
        "aws:cloudformation:stack-id": made["StackId"],
        "aws:cloudformation:logical-id": "A",
    }
    assert history(stacks, "ordered") == [
        ("ordered", "CREATE_IN_PROGRESS"),
        ("A", "CREATE_IN_PROGRESS"),
        ("A", "CREATE_COMPLETE"),
        ("B", "CREATE_IN_PROGRESS"),
        ("B", "CREATE_COMPLETE"),
        ("C", "CREATE_IN_PROGRESS"),
        ("C", "CREATE_COMPLETE"),
        ("ordered", "CREATE_COMPLETE"),
    ]
    stacks.delete_stack(StackName="ordered")
    assert [each for each in memory.asked if each[0] == "delete"] == [
        ("delete", "B"),
        ("delete", "A"),
    ]
    assert ("C", "DELETE_SKIPPED") in history(stacks, made["StackId"])
    assert status(stacks, made["StackId"]) == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="Stack with id ordered does not exist"):
        stacks.describe_stacks(StackName="ordered")


def test_a_creation_that_fails_is_rolled_back(memory, stacks):
    body = template(
        A=thing(Name="rolled-a"), B=thing(Bad=True, _DependsOn="A"), C=thing(_DependsOn="B")
    )
    stacks.create_stack(StackName="rolled", TemplateBody=body)
    assert status(stacks, "rolled") == "ROLLBACK_COMPLETE"
    assert history(stacks, "rolled")[3:] == [
        ("B", "CREATE_IN_PROGRESS"),
        ("B", "CREATE_FAILED"),
        ("rolled", "ROLLBACK_IN_PROGRESS"),
        ("A", "DELETE_IN_PROGRESS"),
        ("A", "DELETE_COMPLETE"),
        ("rolled", "ROLLBACK_COMPLETE"),
    ]
    assert "B is bad" in reasons(stacks, "rolled")
    assert (
        "The following resource(s) failed to create: [B]. Rollback requested by user."
        in reasons(stacks, "rolled")
    )
    assert not memory.things
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        stacks.update_stack(StackName="rolled", TemplateBody=body)
    stacks.delete_stack(StackName="rolled")


def test_an_update_changes_replaces_adds_and_removes(memory, stacks):
    before = template(
        A=thing(Name="old", Value=1), B=thing(Value={"Ref": "A"}), C=thing(), D=thing()
    )
    after = template(
        A=thing(Name="new", Value=1), B=thing(Value={"Ref": "A"}), D=thing(), E=thing()
    )
    stacks.create_stack(StackName="changing", TemplateBody=before)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update_stack(StackName="changing", TemplateBody=before)
    memory.asked.clear()
    stacks.update_stack(StackName="changing", TemplateBody=after)
    assert status(stacks, "changing") == "UPDATE_COMPLETE"
    assert sorted(memory.asked) == [
        ("create", "A"),
        ("create", "E"),
        ("delete", "A"),
        ("delete", "C"),
        ("update", "B"),
    ]
    assert "old" not in memory.things
    assert memory.asked.index(("delete", "A")) > memory.asked.index(("update", "B"))
    events = history(stacks, "changing")
    assert events[-1] == ("changing", "UPDATE_COMPLETE")
    cleanup = events.index(("changing", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"))
    assert {("A", "DELETE_COMPLETE"), ("C", "DELETE_COMPLETE")} <= set(events[cleanup:])
    stacks.delete_stack(StackName="changing")
    assert not memory.things


def test_an_update_that_fails_leaves_what_there_was(memory, stacks):
    before = {"A": thing(Name="kept", Value=1), "B": thing(Value={"Ref": "A"}), "C": thing(Value=1)}
    stacks.create_stack(StackName="failing", TemplateBody=template(**before))
    was = {name: dict(found) for name, found in memory.things.items()}
    after = {
        "A": thing(Name="other", Value=1),
        "B": thing(Value={"Ref": "A"}),
        "C": thing(Value=2, Bad=True, _DependsOn="B"),
        "D": thing(_DependsOn="A"),
    }
    stacks.update_stack(StackName="failing", TemplateBody=template(**after))
    assert status(stacks, "failing") == "UPDATE_ROLLBACK_COMPLETE"
    assert memory.things == was
    listed = stacks.list_stack_resources(StackName="failing")["StackResourceSummaries"]
    assert {each["LogicalResourceId"] for each in listed} == {"A", "B", "C"}
    assert (
        json.loads(template(**before)) == stacks.get_template(StackName="failing")["TemplateBody"]
    )
    stacks.update_stack(StackName="failing", TemplateBody=template(**before, E=thing()))
    assert status(stacks, "failing") == "UPDATE_COMPLETE"
    stacks.delete_stack(StackName="failing")
    assert not memory.things


def test_a_failed_update_may_stay_and_be_rolled_back_later(memory, stacks):
    stacks.create_stack(StackName="paused", TemplateBody=template(A=thing(Value=1)))
    bad = template(A=thing(Value=2), B=thing(Bad=True, _DependsOn="A"))
    stacks.update_stack(StackName="paused", TemplateBody=bad, DisableRollback=True)
    assert status(stacks, "paused") == "UPDATE_FAILED"
    assert [found["Value"] for found in memory.things.values()] == [2]
    stacks.rollback_stack(StackName="paused")
    assert status(stacks, "paused") == "UPDATE_ROLLBACK_COMPLETE"
    assert [found["Value"] for found in memory.things.values()] == [1]
    stacks.update_stack(StackName="paused", TemplateBody=bad, DisableRollback=True)
    stacks.update_stack(
        StackName="paused", TemplateBody=template(A=thing(Value=3), B=thing()), DisableRollback=True
    )
    assert status(stacks, "paused") == "UPDATE_COMPLETE"
    stacks.delete_stack(StackName="paused")


def test_what_cannot_be_removed_is_told_and_may_be_left(memory, stacks):
    body = template(A=thing(), B=thing(Value={"Ref": "A"}, Stuck=True), C=thing())
    stacks.create_stack(StackName="stuck", TemplateBody=body)
    stacks.delete_stack(StackName="stuck")
    (stack,) = stacks.describe_stacks(StackName="stuck")["Stacks"]
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert stack["StackStatusReason"] == "The following resource(s) failed to delete: [B]. "
    assert len(memory.things) == 2  # C is gone; A waits for B
    stacks.delete_stack(StackName="stuck", RetainResources=["B"])
    assert len(memory.things) == 1
    with pytest.raises(ClientError, match="does not exist"):
        stacks.describe_stacks(StackName="stuck")


def test_a_deletion_stops_a_creation(memory, stacks):
    body = template(A=thing(Wait=True), B=thing(_DependsOn="A"))
    creating = threading.Thread(
        target=stacks.create_stack, kwargs={"StackName": "stopped", "TemplateBody": body}
    )
    creating.start()
    assert memory.begun.wait(10)
    stack_id = stacks.describe_stacks(StackName="stopped")["Stacks"][0]["StackId"]
    deleting = threading.Thread(target=stacks.delete_stack, kwargs={"StackName": "stopped"})
    deleting.start()
    while not memory.waiting.cancelled():
        time.sleep(0.01)
    memory.gate.set()
    creating.join()
    deleting.join()
    assert status(stacks, stack_id) == "DELETE_COMPLETE"
    assert ("create", "B") not in memory.asked
    assert not memory.things


def test_exports_are_kept_as_long_as_others_use_them(memory, stacks):
    out = {"O": {"Value": {"Ref": "A"}, "Export": {"Name": "shared-a"}}}
    stacks.create_stack(StackName="giving", TemplateBody=template(out, A=thing(Name="given")))
    using = template(B=thing(Value={"Fn::ImportValue": "shared-a"}))
    stacks.create_stack(StackName="taking", TemplateBody=using)
    assert stacks.list_imports(ExportName="shared-a")["Imports"] == ["taking"]
    stacks.delete_stack(StackName="giving")
    (stack,) = stacks.describe_stacks(StackName="giving")["Stacks"]
    said = "Export shared-a cannot be deleted as it is in use by taking"
    assert (stack["StackStatus"], stack["StackStatusReason"]) == ("CREATE_COMPLETE", said)
    stacks.update_stack(StackName="giving", TemplateBody=template(A=thing(Name="given")))
    assert status(stacks, "giving") == "UPDATE_ROLLBACK_COMPLETE"
    assert said in reasons(stacks, "giving")
    stacks.delete_stack(StackName="taking")
    stacks.delete_stack(StackName="giving")
    assert not memory.things


def test_requests_that_are_refused(memory, stacks):
    body = template(A=thing())
    stacks.create_stack(StackName="guarded", TemplateBody=body, EnableTerminationProtection=True)
    for ask, said in (
        (lambda: stacks.create_stack(StackName="guarded", TemplateBody=body), "already exists"),
        (lambda: stacks.delete_stack(StackName="guarded"), "TerminationProtection is enabled"),
        (
            lambda: stacks.create_stack(
                StackName="x", TemplateBody=template(A={"Type": "A::B::C"}, B={"Type": "A::B::D"})
            ),
            r"Unrecognized resource types: \[A::B::C, A::B::D\]",
        ),
        (
            lambda: stacks.create_stack(
                StackName="x", TemplateBody=template(A={"Type": "AWS::IAM::Role"})
            ),
            r"Requires capabilities : \[CAPABILITY_IAM\]",
        ),
        (lambda: stacks.create_stack(StackName="1x", TemplateBody=body), "stackName"),
        (lambda: stacks.list_types(), "ListTypes of cloudformation"),
        (
            lambda: stacks.create_stack(
                StackName="x", TemplateBody=body, NotificationARNs=["arn:aws:sns:us-east-1:1:x"]
            ),
            "does not support NotificationARNs",
        ),
    ):
        with pytest.raises(ClientError, match=said):
            ask()
    stacks.update_termination_protection(StackName="guarded", EnableTerminationProtection=False)
    stacks.delete_stack(StackName="guarded")


def test_a_secret_parameter_is_shown_nowhere(memory, stacks):
    body = json.dumps(
        {
            "Parameters": {"Password": {"Type": "String", "NoEcho": True}},
            "Resources": {"A": thing(Name="vault", Value={"Fn::Sub": "pass:${Password}"})},
        }
    )
    given = [{"ParameterKey": "Password", "ParameterValue": "hunter2-hunter2"}]
    stacks.create_stack(StackName="secretive", TemplateBody=body, Parameters=given)
    assert memory.things["vault"]["Value"] == "pass:hunter2-hunter2"
    shown = repr(stacks.describe_stacks(StackName="secretive"))
    shown += repr(stacks.describe_stack_events(StackName="secretive"))
    assert "hunter2" not in shown and "****" in shown
    stacks.delete_stack(StackName="secretive")


def test_a_change_set_says_what_its_execution_does(memory, stacks):
    before = template(A=thing(Name="first", Value=1), B=thing(Value={"Ref": "A"}), C=thing())
    parameters = {"P": {"Type": "String", "Default": "x"}}
    body = json.dumps(json.loads(before) | {"Parameters": parameters})
    asked = {"StackName": "reviewed", "ChangeSetName": "one", "TemplateBody": body}
    made = stacks.create_change_set(**asked, ChangeSetType="CREATE")
    assert status(stacks, "reviewed") == "REVIEW_IN_PROGRESS"
    (stack,) = stacks.describe_stacks(StackName="reviewed")["Stacks"]
    assert not stack.get("Parameters")  # else the CDK would ask for their previous values
    assert not memory.things
    stacks.execute_change_set(ChangeSetName=made["Id"])
    assert status(stacks, "reviewed") == "CREATE_COMPLETE"
    after = template(A=thing(Name="second", Value=1), B=thing(Value={"Ref": "A"}), D=thing())
    stacks.create_change_set(StackName="reviewed", ChangeSetName="two", TemplateBody=after)
    found = stacks.describe_change_set(StackName="reviewed", ChangeSetName="two")
    assert found["Status"] == "CREATE_COMPLETE"
    changes = {
        each["ResourceChange"]["LogicalResourceId"]: (
            each["ResourceChange"]["Action"],
            each["ResourceChange"].get("Replacement"),
        )
        for each in found["Changes"]
    }
    assert changes == {
        "A": ("Modify", "True"),
        "B": ("Modify", "False"),
        "C": ("Remove", None),
        "D": ("Add", None),
    }
    stacks.execute_change_set(StackName="reviewed", ChangeSetName="two")
    assert status(stacks, "reviewed") == "UPDATE_COMPLETE"
    stacks.create_change_set(StackName="reviewed", ChangeSetName="three", TemplateBody=after)
    found = stacks.describe_change_set(StackName="reviewed", ChangeSetName="three")
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert found["StatusReason"].startswith("The submitted information didn't contain changes.")
    stacks.delete_stack(StackName="reviewed")


def test_a_request_whose_answer_was_lost_is_made_once_more_and_begins_nothing(memory, stacks):
    body = template(A=thing(Name="first"))
    asked = {"StackName": "again", "ChangeSetName": "one", "TemplateBody": body}
    asked |= {"ChangeSetType": "CREATE", "ClientToken": "make"}
    made = stacks.create_change_set(**asked)
    assert stacks.create_change_set(**asked)["Id"] == made["Id"]
    with pytest.raises(ClientError, match="already exists"):
        stacks.create_change_set(**asked | {"ClientToken": "other"})
    for _ in range(2):
        stacks.execute_change_set(ChangeSetName=made["Id"], ClientRequestToken="go")
    assert status(stacks, "again") == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="cannot be executed"):
        stacks.execute_change_set(ChangeSetName=made["Id"], ClientRequestToken="other")
    stacks.delete_stack(StackName="again")

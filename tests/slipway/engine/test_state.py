"""Laws of the state machine, on random plans whose steps end in random ways."""

import json
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.definition.graph import Branch
from slipway.engine import events as happened
from slipway.engine.decisions import Finish, Start, Stop, WakeAt, decide, why_not_retried
from slipway.engine.events import Event, from_json, to_json
from slipway.engine.plan import TRIGGERS, Node, Plan
from slipway.engine.state import ENDED, FINISHED, Execution, apply, replay

OUTCOMES = {True: "true", False: "false"}
DRAWN_TRIGGERS = ("Completed", "Completed", "Completed", "Failed", "Stopped", "Any")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan: any step may wait for any steps before it, and stand in a branch of one."""
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(("Training", "Training", "Condition", "Fail")))
        before = [node.name for node in nodes if node.type != "Fail"]
        conditions = [node.name for node in nodes if node.type == "Condition"]
        upstream, branch = {}, None
        if before:
            triggers = st.sampled_from(DRAWN_TRIGGERS)
            upstream = draw(st.dictionaries(st.sampled_from(before), triggers, max_size=3))
        if conditions and draw(st.booleans()):
            branch = Branch(draw(st.sampled_from(conditions)), draw(st.booleans()))
        nodes.append(Node(f"s{number}", kind, upstream, branch))
    return Plan.of(draw(st.permutations(nodes)))  # a definition need not name upstream steps first


@dataclass
class World:
    """An execution with its log; drawn outcomes in place of jobs."""

    plan: Plan
    data: st.DataObject
    log: list[Event] = field(default_factory=list)
    clock: float = 100.0

    def __post_init__(self) -> None:
        self.execution = Execution(self.plan)
        limit = self.data.draw(st.none() | st.integers(1, 3), label="parallel")
        self.record(happened.ExecutionStarted(self.clock, limit))

    def record(self, event: Event) -> None:
        """Take an event the way the driver does: by way of JSON."""
        self.log.append(event)
        self.execution = apply(self.execution, from_json(json.loads(json.dumps(to_json(event)))))

    def run(self, *, stop: bool) -> None:
        """Go on until the execution has finished; every loop draws one outcome."""
        for _ in range(200):
            for decision in decide(self.execution, self.clock):
                self.carry_out(decision)
            if self.execution.status in FINISHED:
                return
            if stop and self.execution.status == "Executing" and self.data.draw(st.booleans()):
                self.record(happened.StopRequested(self.clock))
            else:
                self.end_one()
            self.clock += 1
        raise AssertionError("the execution does not end")

    def carry_out(self, decision: object) -> None:
        match decision:
            case Start(step):
                self.check_may_start(step)
                self.record(happened.StepStarted(self.clock, step, f"token{len(self.log)}"))
            case Stop(step):
                waits = self.execution.steps[step].retry_at is not None
                assert waits or self.execution.steps[step].status == "Executing"
                kind = happened.StepStopped if waits else happened.StepStopping
                self.record(kind(self.clock, step))
            case Finish(status):
                assert not self.execution.running()
                self.record(happened.ExecutionFinished(self.clock, status))
            case WakeAt(time):
                assert time > self.clock

    def check_may_start(self, name: str) -> None:
        """Every upstream step ended as wanted, the branch was taken, and there is room."""
        node, steps = self.plan.nodes[name], self.execution.steps
        if name not in steps:
            assert all(steps[up].status in TRIGGERS[how] for up, how in node.upstream.items())
            if node.branch:
                assert (
                    steps[node.branch.condition].properties["Outcome"]
                    == OUTCOMES[node.branch.outcome]
                )
            limit = self.execution.parallel
            assert limit is None or len(self.execution.running()) < limit
        assert self.execution.status == "Executing"

    def end_one(self) -> None:
        step = self.data.draw(
            st.sampled_from([s for s in self.execution.running() if s.retry_at is None] or [None])
        )
        if step is None:  # all wait for their next attempt
            self.clock += 10
            return
        if step.status == "Starting" and self.data.draw(st.booleans()):
            self.record(happened.StepExecuting(self.clock, step.name, "job"))
            return
        outcomes = ["fail", "succeed", "succeed", "succeed", "stop"]
        if step.attempt < 3 and step.status != "Stopping":
            outcomes.append("retry")
        if self.plan.nodes[step.name].type == "Fail":
            outcomes = ["fail"]
        match self.data.draw(st.sampled_from(outcomes)):
            case "fail":
                self.record(happened.StepFailed(self.clock, step.name, "why"))
            case "retry":
                again = happened.StepFailed(
                    self.clock, step.name, "why", retry_at=self.clock + 5, fault="X"
                )
                self.record(again)
            case "stop":
                self.record(happened.StepStopped(self.clock, step.name))
            case "succeed":
                properties = {}
                if self.plan.nodes[step.name].type == "Condition":
                    properties = {"Outcome": OUTCOMES[self.data.draw(st.booleans())]}
                self.record(happened.StepSucceeded(self.clock, step.name, {}, properties))


def a_world(plan: Plan, data: st.DataObject, *, stop: bool = False) -> World:
    world = World(plan, data)
    world.run(stop=stop)
    return world


@given(plans(), st.data())
def test_every_execution_ends_and_every_step_that_started_was_allowed_to(plan, data):
    world = a_world(plan, data)
    assert all(step.status in ENDED for step in world.execution.steps.values())
    assert decide(world.execution, world.clock) == ()


@given(plans(), st.data())
def test_nothing_that_could_run_is_left_out_of_a_success(plan, data):
    world = a_world(plan, data)
    steps = world.execution.steps
    if world.execution.status == "Succeeded":
        assert all(step.status == "Succeeded" for step in steps.values())
    if world.execution.status in ("Succeeded", "CompletedWithFailures"):
        for name in plan.nodes.keys() - steps.keys():
            node = plan.nodes[name]
            blocked = [
                up not in steps or steps[up].status not in TRIGGERS[how]
                for up, how in node.upstream.items()
            ]
            if node.branch:
                condition = steps.get(node.branch.condition)
                blocked.append(
                    condition is None
                    or condition.status != "Succeeded"
                    or condition.properties["Outcome"] != OUTCOMES[node.branch.outcome]
                )
            assert any(blocked), name


@given(plans(), st.data())
def test_failures_decide_the_status(plan, data):
    world = a_world(plan, data)
    steps = world.execution.steps
    ended = {step.status for step in steps.values()}
    unhandled = {
        name
        for name, step in steps.items()
        if step.status != "Succeeded"
        and not any(
            step.status in TRIGGERS[plan.nodes[other].upstream[name]]
            for other in steps
            if name in plan.nodes[other].upstream
        )
    }
    assert (world.execution.status == "Failed") == bool(unhandled)
    assert (world.execution.status == "Succeeded") == (ended <= {"Succeeded"})


@given(plans(), st.data())
def test_a_stopped_execution_starts_nothing_more(plan, data):
    world = a_world(plan, data, stop=True)
    kinds = [type(event) for event in world.log]
    if happened.StopRequested in kinds:
        after = kinds[kinds.index(happened.StopRequested) :]
        assert happened.StepStarted not in after
        assert world.execution.status in ("Stopped", "Failed")


@given(plans(), st.data())
def test_a_retry_repeats_only_what_has_not_succeeded(plan, data):
    world = a_world(plan, data, stop=True)
    if why_not_retried(world.execution):
        return
    before = world.execution.steps
    marker = len(world.log)
    world.record(happened.RetryRequested(world.clock))
    world.run(stop=False)
    again = {e.step for e in world.log[marker:] if isinstance(e, happened.StepStarted)}
    kept = {name for name, step in before.items() if step.status == "Succeeded"}
    assert not again & kept
    assert all(world.execution.steps[name] == before[name] for name in kept)
    assert world.execution.status in FINISHED


@settings(max_examples=50)
@given(plans(), st.data())
def test_the_log_alone_gives_the_state_at_every_moment(plan, data):
    world = World(plan, data)
    states = [world.execution]
    record = world.record

    def watched(event: Event) -> None:
        record(event)
        states.append(world.execution)

    world.record = watched
    world.run(stop=True)
    for length, state in enumerate(states, 1):
        assert replay(plan, world.log[:length]) == state


def chain(*names: str, kind: str = "Training") -> list[Node]:
    return [
        Node(name, kind, {names[i - 1]: "Completed"} if i else {}) for i, name in enumerate(names)
    ]


def after(plan: Plan, *log: Event) -> Execution:
    return replay(plan, [happened.ExecutionStarted(0), *log])


def started(step: str) -> list[Event]:
    return [happened.StepStarted(1, step, "t"), happened.StepExecuting(1, step, "job")]


def test_steps_start_in_the_order_of_the_definition_up_to_the_limit():
    plan = Plan.of([Node(name, "Training") for name in "dacb"])
    assert decide(after(plan), 1) == (Start("d"), Start("a"), Start("c"), Start("b"))
    limited = after(plan, happened.ParallelismChanged(1, 2), *started("d"))
    assert decide(limited, 1) == (Start("a"),)


def test_a_step_behind_the_ends_of_both_branches_never_runs_and_the_execution_succeeds():
    plan = Plan.of(
        [
            Node("choose", "Condition"),
            Node("yes", "Training", branch=Branch("choose", True)),
            Node("no", "Training", branch=Branch("choose", False)),
            Node("join", "Training", {"yes": "Completed", "no": "Completed"}),
        ]
    )
    chosen = happened.StepSucceeded(2, "choose", {}, {"Outcome": "true"})
    execution = after(plan, *started("choose"), chosen)
    assert decide(execution, 2) == (Start("yes"),)
    execution = after(
        plan, *started("choose"), chosen, *started("yes"), happened.StepSucceeded(3, "yes")
    )
    assert decide(execution, 3) == (Finish("Succeeded"),)


def test_after_a_failure_running_steps_finish_and_nothing_new_starts():
    plan = Plan.of([*chain("a", "b"), *chain("x", "y")])
    log = [*started("a"), *started("x"), happened.StepFailed(2, "a", "why")]
    assert decide(after(plan, *log), 2) == ()
    log.append(happened.StepSucceeded(3, "x"))
    assert decide(after(plan, *log), 3) == (Finish("Failed"),)


def test_a_handled_failure_ends_with_completed_with_failures():
    plan = Plan.of([Node("a", "Training"), Node("tell", "Lambda", {"a": "Failed"})])
    log = [*started("a"), happened.StepFailed(2, "a", "why")]
    assert decide(after(plan, *log), 2) == (Start("tell"),)
    log += [*started("tell"), happened.StepSucceeded(3, "tell")]
    assert decide(after(plan, *log), 3) == (Finish("CompletedWithFailures"),)


def test_a_handler_of_a_success_does_not_run():
    plan = Plan.of([Node("a", "Training"), Node("tell", "Lambda", {"a": "Failed"})])
    execution = after(plan, *started("a"), happened.StepSucceeded(2, "a"))
    assert decide(execution, 2) == (Finish("Succeeded"),)


def test_an_attempt_that_is_due_begins_and_a_later_one_is_waited_for():
    plan = Plan.of([Node("a", "Training")])
    waiting = happened.StepFailed(2, "a", "why", retry_at=7.0, fault="Step.THROTTLING")
    execution = after(plan, *started("a"), waiting)
    assert decide(execution, 3) == (WakeAt(7.0),)
    assert decide(execution, 7) == (Start("a"),)
    again = apply(execution, happened.StepStarted(7, "a", "t2"))
    assert again.steps["a"].attempt == 2
    assert again.steps["a"].started == 1


def test_an_execution_that_a_fail_step_ended_cannot_be_retried():
    plan = Plan.of([Node("f", "Fail")])
    log = [*started("f"), happened.StepFailed(2, "f"), happened.ExecutionFinished(2, "Failed")]
    assert "Fail step f" in (why_not_retried(after(plan, *log)) or "")
    plan = Plan.of([Node("f", "Training")])
    assert why_not_retried(after(plan, *log)) is None
    assert "found Executing" in (why_not_retried(after(plan, *log[:-1])) or "")


def test_a_handler_that_can_never_run_handles_nothing():
    plan = Plan.of(
        [
            Node("a", "Training"),
            Node("b", "Training"),
            Node("tell", "Lambda", {"a": "Failed", "b": "Failed"}),
            Node("next", "Training", {"b": "Completed"}),
        ]
    )
    log = [*started("a"), *started("b"), happened.StepSucceeded(2, "b")]
    execution = after(plan, *log, happened.StepFailed(2, "a", "why"))
    assert decide(execution, 2) == (Finish("Failed"),)


def test_any_end_is_success_failure_and_stop():
    plan = Plan.of([Node("a", "Training"), Node("clean", "Lambda", {"a": "Any"})])
    ends = [
        happened.StepSucceeded(2, "a"),
        happened.StepFailed(2, "a", "why"),
        happened.StepStopped(2, "a"),
    ]
    for end in ends:
        assert decide(after(plan, *started("a"), end), 2) == (Start("clean"),)


def test_a_retry_begins_with_what_failed():
    plan = Plan.of(chain("a", "b"))
    log = [*started("a"), happened.StepSucceeded(2, "a"), *started("b")]
    log += [happened.StepFailed(3, "b", "why"), happened.ExecutionFinished(3, "Failed")]
    execution = after(plan, *log, happened.RetryRequested(4))
    assert execution.status == "Executing"
    assert decide(execution, 4) == (Start("b"),)


def test_a_step_that_is_stopping_goes_on_to_when_its_job_appears():
    plan = Plan.of([Node("a", "Training")])
    log = [*started("a"), happened.StepStopping(2, "a"), happened.StepExecuting(3, "a", "job")]
    assert after(plan, *log).steps["a"].status == "Stopping"

"""The executions of pipelines in the database: what is settled about each, and its log of events."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from slipway.cloud.state import State
from slipway.definition.graph import Graph, build_graph
from slipway.definition.model import Definition
from slipway.definition.parse import parse
from slipway.engine import events as happened
from slipway.engine.attempt import Facts
from slipway.engine.events import Event, from_json, to_json
from slipway.engine.plan import Plan, plan_of
from slipway.engine.state import FINISHED, Execution, replay
from slipway.engine.store import Earlier

SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
    arn TEXT PRIMARY KEY, region TEXT NOT NULL, pipeline TEXT NOT NULL, version INTEGER NOT NULL,
    token TEXT NOT NULL, status TEXT NOT NULL, created REAL NOT NULL, modified REAL NOT NULL,
    facts TEXT NOT NULL, definition TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS execution_of_token ON executions (region, pipeline, token);
CREATE INDEX IF NOT EXISTS executions_of_pipeline ON executions (region, pipeline, created);
CREATE TABLE IF NOT EXISTS execution_events (
    execution TEXT NOT NULL REFERENCES executions ON DELETE CASCADE, number INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (execution, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS step_results (
    region TEXT NOT NULL, pipeline TEXT NOT NULL, step TEXT NOT NULL, key TEXT NOT NULL,
    ended REAL NOT NULL, execution TEXT NOT NULL, metadata TEXT NOT NULL, properties TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS results_of_step ON step_results (region, pipeline, step, key, ended);
"""

# What StartPipelineExecution settled, as JSON: see `executions.start`
Settled = Mapping[str, Any]
# Tells others of an event: with what is settled, and the states before and after it
Tell = Callable[[Settled, Facts, Event, Execution, Execution], None]


class ExecutionStore:
    """The engine's store, and the rows that the pipeline operations read."""

    def __init__(self, state: State, tell: Tell) -> None:
        """Prepare; `tell` is called in the transaction of every event."""
        self._state, self._tell = state, tell
        with state.transaction() as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    def create(self, settled: Settled, definition: str, token: str, log: Sequence[Event]) -> None:
        """Store a new execution with its first events; `token` is its ClientRequestToken."""
        at = log[0].at
        row = (
            settled["Arn"].lower(),
            settled["Region"],
            settled["PipelineName"].lower(),
            settled["Version"],
            token,
            "Executing",
            at,
            at,
            json.dumps(settled),
            definition,
        )
        with self._state.transaction() as db:
            db.execute("INSERT INTO executions VALUES (?,?,?,?,?,?,?,?,?,?)", row)
            for event in log:
                self._log(settled["Arn"], event)
            facts, plan, _ = self.load(settled["Arn"])
            self._tell(settled, facts, log[0], Execution(plan), replay(plan, log))

    def settled(self, arn: str) -> dict[str, Any] | None:
        """Return what is settled about an execution, its status and times; None if unknown."""
        with self._state.transaction() as db:
            row = db.execute(
                "SELECT facts, status, created, modified FROM executions WHERE arn = ?",
                (arn.lower(),),
            ).fetchone()
        return shown(row) if row else None

    def of_token(self, region: str, pipeline: str, token: str) -> str | None:
        """Return the ARN of the execution that was started with a ClientRequestToken, if any."""
        with self._state.transaction() as db:
            row = db.execute(
                "SELECT facts FROM executions WHERE region = ? AND pipeline = ? AND token = ?",
                (region, pipeline.lower(), token),
            ).fetchone()
        return str(json.loads(row[0])["Arn"]) if row else None

    def definition(self, arn: str) -> str:
        """Return the definition that an execution runs; KeyError if unknown."""
        with self._state.transaction() as db:
            row = db.execute(
                "SELECT definition FROM executions WHERE arn = ?", (arn.lower(),)
            ).fetchone()
        if row is None:
            raise KeyError(arn)
        return str(row[0])

    def of_pipeline(self, region: str, pipeline: str) -> list[dict[str, Any]]:
        """Return the executions of a pipeline as `settled` does, oldest first."""
        with self._state.transaction() as db:
            rows = db.execute(
                "SELECT facts, status, created, modified FROM executions "
                "WHERE region = ? AND pipeline = ? ORDER BY created, rowid",
                (region, pipeline.lower()),
            ).fetchall()
        return [shown(row) for row in rows]

    def change(self, arn: str, members: Mapping[str, Any]) -> None:
        """Replace members of what is settled."""
        with self._state.transaction() as db:
            found = self.settled(arn) or {}
            kept = {k: v for k, v in found.items() if k not in ("Status", "Created", "Modified")}
            body = json.dumps({**kept, **members})
            db.execute("UPDATE executions SET facts = ? WHERE arn = ?", (body, arn.lower()))

    def forget(self, region: str, pipeline: str) -> None:
        """Delete all executions of a pipeline, with their logs and what the cache knows of them."""
        which = (region, pipeline.lower())
        with self._state.transaction() as db:
            db.execute(
                "DELETE FROM execution_events WHERE execution IN "
                "(SELECT arn FROM executions WHERE region = ? AND pipeline = ?)",
                which,
            )
            db.execute("DELETE FROM executions WHERE region = ? AND pipeline = ?", which)
            db.execute("DELETE FROM step_results WHERE region = ? AND pipeline = ?", which)

    def load(self, arn: str) -> tuple[Facts, Plan, list[Event]]:
        """Return what is settled about an execution, its plan and its log; KeyError if unknown."""
        settled = self.settled(arn)
        if settled is None:
            raise KeyError(arn)
        facts = facts_of(settled, self.definition(arn))
        plan = plan_of(facts.graph)
        if settled["Chosen"] is not None:
            plan = plan.only(settled["Chosen"])
        return facts, plan, self.log(arn)

    def log(self, arn: str) -> list[Event]:
        """Return the events of an execution, oldest first."""
        with self._state.transaction() as db:
            rows = db.execute(
                "SELECT body FROM execution_events WHERE execution = ? ORDER BY number",
                (arn.lower(),),
            ).fetchall()
        return [from_json(json.loads(body)) for (body,) in rows]

    def replayed(self, arn: str) -> Execution:
        """Return the present state of an execution; KeyError if unknown."""
        _, plan, log = self.load(arn)
        return replay(plan, log)

    def append(self, facts: Facts, event: Event, before: Execution, after: Execution) -> None:
        """Write one event, the state after it, and what others are told of it: all or nothing."""
        with self._state.transaction() as db:
            self._log(facts.arn, event)
            db.execute(
                "UPDATE executions SET status = ?, modified = ? WHERE arn = ?",
                (after.status, after.modified, facts.arn.lower()),
            )
            if isinstance(event, happened.StepSucceeded) and event.cache_hit is None:
                self._remember(facts, event, after.steps[event.step].key)
            self._tell(self.settled(facts.arn) or {}, facts, event, before, after)

    def unfinished(self) -> Iterable[str]:
        """Return the ARNs of the executions that have not finished, oldest first."""
        marks = ",".join("?" * len(FINISHED))
        with self._state.transaction() as db:
            rows = db.execute(
                f"SELECT facts FROM executions WHERE status NOT IN ({marks}) ORDER BY created",  # noqa: S608
                tuple(FINISHED),
            ).fetchall()
        return [json.loads(facts)["Arn"] for (facts,) in rows]

    def earlier(self, facts: Facts, step: str, key: str) -> Earlier | None:
        """Return the newest successful run of a step with this cache key in the same pipeline."""
        with self._state.transaction() as db:
            row = db.execute(
                "SELECT execution, ended, metadata, properties FROM step_results WHERE region = ? "
                "AND pipeline = ? AND step = ? AND key = ? ORDER BY ended DESC LIMIT 1",
                (facts.region, facts.pipeline_name.lower(), step, key),
            ).fetchone()
        return Earlier(row[0], row[1], json.loads(row[2]), json.loads(row[3])) if row else None

    def _log(self, arn: str, event: Event) -> None:
        with self._state.transaction() as db:
            db.execute(
                "INSERT INTO execution_events SELECT ?1, "
                "COALESCE((SELECT MAX(number) FROM execution_events WHERE execution = ?1), 0) + 1, ?2",
                (arn.lower(), json.dumps(to_json(event))),
            )

    def _remember(self, facts: Facts, event: happened.StepSucceeded, key: str | None) -> None:
        """Let later runs of the step find this result."""
        if key is None:
            return
        row = (
            facts.region,
            facts.pipeline_name.lower(),
            event.step,
            key,
            event.at,
            facts.arn,
            json.dumps(event.metadata),
            json.dumps(event.properties),
        )
        with self._state.transaction() as db:
            db.execute("INSERT INTO step_results VALUES (?,?,?,?,?,?,?,?)", row)


def shown(row: tuple[str, str, float, float]) -> dict[str, Any]:
    """Return one row of `executions`."""
    facts, status, created, modified = row
    return {**json.loads(facts), "Status": status, "Created": created, "Modified": modified}


@lru_cache(maxsize=64)
def understood(definition: str) -> tuple[Definition, Graph]:
    """Return a definition's text as data, with its graph."""
    parsed = parse(definition)
    return parsed, build_graph(parsed)


def facts_of(settled: Settled, text: str) -> Facts:
    """Return what the engine needs of an execution."""
    definition, graph = understood(text)
    return Facts(
        arn=settled["Arn"],
        id=settled["Id"],
        region=settled["Region"],
        pipeline_arn=settled["PipelineArn"],
        pipeline_name=settled["PipelineName"],
        definition=definition,
        graph=graph,
        parameters=settled["Parameters"],
        started=settled["Started"],
        role=settled["RoleArn"],
    )

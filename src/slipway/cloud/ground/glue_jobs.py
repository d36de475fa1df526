"""moto's Glue jobs and triggers: they can be changed."""

import sys
from typing import Any

KEPT = ("Name", "CreatedOn", "LastModifiedOn", "ExecutionClass")  # no defaults of None


def mend() -> None:
    """Let moto answer UpdateJob and UpdateTrigger, once its module is loaded."""
    responses = sys.modules.get("moto.glue.responses")
    if responses is not None:
        responses.GlueResponse.update_job = update_job
        responses.GlueResponse.update_trigger = update_trigger


def update_job(response: Any) -> Any:
    """Put another definition in the place of a job's (UpdateJob)."""
    from moto.core.responses import ActionResult
    from moto.core.utils import camelcase_to_underscores, utcnow

    job = response.glue_backend.get_job(response._get_param("JobName"))
    asked = response._get_param("JobUpdate")
    for member in job.as_dict().keys() - set(KEPT):
        attribute = camelcase_to_underscores(member)
        nothing: dict[str, Any] | None = {} if isinstance(getattr(job, attribute), dict) else None
        setattr(job, attribute, asked.get(member, nothing))
    job.execution_class = asked.get("ExecutionClass", "STANDARD")
    job.last_modified_on = utcnow()
    return ActionResult({"JobName": job.name})


def update_trigger(response: Any) -> Any:
    """Put another definition in the place of a trigger's (UpdateTrigger)."""
    from moto.core.responses import ActionResult
    from moto.glue.utils import Action, Predicate

    trigger = response.glue_backend.get_trigger(response._get_param("Name"))
    asked = response._get_param("TriggerUpdate")
    trigger.description, trigger.schedule = asked.get("Description"), asked.get("Schedule")
    trigger.event_batching_condition = asked.get("EventBatchingCondition")
    trigger.actions = [Action(each) for each in asked.get("Actions", [])]
    trigger.predicate = Predicate(asked["Predicate"]) if "Predicate" in asked else None
    return ActionResult({"Trigger": trigger.as_dict()})

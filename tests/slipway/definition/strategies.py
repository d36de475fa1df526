"""Random values, references, definitions and graphs."""

from hypothesis import strategies as st

from slipway.definition.paths import Index, Key, Member
from slipway.definition.references import (
    EXECUTION_VARIABLES,
    CurrentItem,
    ExecutionVariable,
    ExperimentReference,
    IterationOutput,
    ParameterReference,
    StepProperty,
)

names = st.from_regex(r"[A-Za-z0-9\-_]{1,64}", fullmatch=True)
members = st.from_regex(r"[A-Za-z_][A-Za-z0-9_\-]{0,20}", fullmatch=True)
keys = st.text(st.characters(exclude_characters="'\"", exclude_categories=("Cs",)), max_size=12)
paths = st.lists(
    st.builds(Member, members) | st.builds(Index, st.integers(0, 999)) | st.builds(Key, keys),
    max_size=5,
).map(tuple)
# what follows a step's name starts with a member, as AWS's properties do
properties = st.tuples(st.builds(Member, members), paths).map(lambda pair: (pair[0], *pair[1]))
references = st.one_of(
    st.builds(ParameterReference, names),
    st.builds(StepProperty, names, properties),
    st.builds(ExecutionVariable, st.sampled_from(EXECUTION_VARIABLES)),
    st.builds(ExperimentReference, st.sampled_from(["ExperimentName", "TrialName"])),
    st.builds(CurrentItem, paths),
    st.builds(IterationOutput, names, properties),
)
primitives = st.one_of(
    st.text(max_size=12),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
# JSON values in which nothing looks like an expression
plain = st.recursive(
    primitives | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6).map("k{}".format), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def waits(draw):
    """Which of up to nine steps waits for which, cycles and steps waiting for themselves allowed."""
    count = draw(st.integers(1, 9))
    steps = [f"s{number}" for number in range(count)]
    return {step: draw(st.lists(st.sampled_from(steps), unique=True, max_size=3)) for step in steps}

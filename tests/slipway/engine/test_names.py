"""The names that the service gives."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from slipway.engine.names import job_name, new_execution_id, new_token
from slipway.engine.state import StepRun

FIRST = StepRun("TrainTheBigModelOfReviews", "Starting", 0, token="xw869y8C4a")
PATTERN = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"  # of TrainingJobName


def test_a_first_attempt_has_no_failure_count():
    name = job_name("4r83jejmhorv", FIRST, prefix=None, longest=63)
    assert name == "pipelines-4r83jejmhorv-TrainTheBigModelOfRe-xw869y8C4a"


def test_a_later_attempt_has_one():
    again = replace(FIRST, attempt=3)
    assert job_name("4r83jejmhorv", again, prefix=None, longest=63).endswith("-xw869y8C4a-2")


def test_a_name_in_the_definition_is_a_prefix():
    name = job_name("4r83jejmhorv", FIRST, prefix="reviews", longest=63)
    assert name == "reviews-4r83jejmhorv-xw869y8C4a"


@given(
    st.from_regex(r"[A-Za-z0-9\-_]{1,64}", fullmatch=True),
    st.none() | st.from_regex(PATTERN, fullmatch=True).filter(lambda p: len(p) < 64),
    st.sampled_from((32, 63)),
    st.integers(1, 21),
)
def test_every_name_fits_the_api(step, prefix, longest, attempt):
    run = replace(FIRST, name=step, attempt=attempt, token=new_token())
    name = job_name(new_execution_id(), run, prefix=prefix, longest=longest)
    assert len(name) <= longest
    assert re.fullmatch(PATTERN, name)


def test_execution_ids():
    assert re.fullmatch("[a-z0-9]{12}", new_execution_id())
    assert re.fullmatch("[A-Za-z0-9]{10}", new_token())

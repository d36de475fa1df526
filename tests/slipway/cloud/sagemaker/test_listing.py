"""Pages of a list: together they are the filtered, ordered whole, whatever happens in between."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.service import ServiceError

START = datetime(2026, 1, 1, tzinfo=UTC)
LISTING = Listing(
    name="Name",
    sort={"Name": "Name", "CreationTime": "CreationTime", "Status": "Status"},
    equal={"StatusEquals": "Status"},
    prefix="NamePrefix",
)


def item(name, minute, status="Completed"):
    time = START + timedelta(minutes=minute)
    stored = (time.isoformat(), time.timestamp(), time)[minute % 3]  # all three forms of a time
    return {"Name": name, "CreationTime": stored, "Status": status}


ITEMS = st.lists(
    st.builds(
        item,
        st.text("abAB-", min_size=1, max_size=4),
        st.integers(0, 20),
        st.sampled_from(["Completed", "Failed"]),
    ),
    unique_by=lambda i: i["Name"],
    max_size=30,
)
REQUESTS = st.fixed_dictionaries(
    {"MaxResults": st.integers(1, 7)},
    optional={
        "SortBy": st.sampled_from(["Name", "CreationTime", "Status"]),
        "SortOrder": st.sampled_from(["Ascending", "Descending"]),
        "NameContains": st.sampled_from(["a", "B-"]),
        "NamePrefix": st.just("a"),
        "StatusEquals": st.just("Failed"),
        "CreationTimeAfter": st.integers(0, 20).map(lambda m: START + timedelta(minutes=m)),
        "CreationTimeBefore": st.integers(0, 20).map(lambda m: START + timedelta(minutes=m)),
    },
)


def pages(items, request):
    token = None
    while True:
        page, token = LISTING.page(items, request | ({"NextToken": token} if token else {}))
        yield page
        if token is None:
            return


@given(ITEMS, REQUESTS)
def test_the_pages_together_are_the_whole(items, request):
    found = [i for page in pages(items, request) for i in page]
    assert found == LISTING.page(items, request | {"MaxResults": 100})[0]
    wanted = [
        i
        for i in items
        if request.get("NameContains", "") in i["Name"]
        and i["Name"].startswith(request.get("NamePrefix", ""))
        and request.get("StatusEquals", i["Status"]) == i["Status"]
        and request.get("CreationTimeAfter", START) <= moment(i["CreationTime"])
        and moment(i["CreationTime"]) < request.get("CreationTimeBefore", START + timedelta(1))
    ]
    assert sorted(i["Name"] for i in found) == sorted(i["Name"] for i in wanted)
    member = request.get("SortBy", "CreationTime")
    keys = [moment(i[member]) if member == "CreationTime" else i[member] for i in found]
    assert keys == sorted(keys, reverse=request.get("SortOrder") == "Descending")


@given(ITEMS, REQUESTS)
def test_what_is_deleted_between_pages_makes_none_come_twice_or_be_skipped(items, request):
    first, token = LISTING.page(items, request)
    if token is None:
        return
    left = [i for i in items if i not in first]
    rest = LISTING.page(left, request | {"NextToken": token, "MaxResults": 100})[0]
    assert [*first, *rest] == LISTING.page(items, request | {"MaxResults": 100})[0]


def test_a_page_has_ten_items_where_none_are_asked_for():
    page, token = LISTING.page([item(str(n), n) for n in range(11)], {})
    assert (len(page), bool(token)) == (10, True)


@pytest.mark.parametrize("forged", ["x", "é", "", "W1tbW1tb", "bnVsbA=="])
def test_a_token_that_was_never_given_is_refused(forged):
    with pytest.raises(ServiceError, match="NextToken"):
        LISTING.page([], {"NextToken": forged})


def test_a_token_of_another_request_is_refused():
    items = [item(str(n), n) for n in range(3)]
    _, token = LISTING.page(items, {"MaxResults": 1})
    with pytest.raises(ServiceError, match="NextToken"):
        LISTING.page(items, {"NextToken": token, "SortOrder": "Descending"})

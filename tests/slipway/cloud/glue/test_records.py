"""Crawlers and jobs of Glue are records."""

import pytest
from botocore.exceptions import ClientError

CRAWLER = {
    "Role": "arn:aws:iam::123456789012:role/crawler",
    "Targets": {"S3Targets": [{"Path": "s3://lake/reviews/"}]},
}


@pytest.fixture
def glue(shared):
    return shared.client("glue")


def test_a_crawler_is_kept_with_its_schedule_and_never_runs(glue):
    glue.create_crawler(
        Name="nightly", Schedule="cron(0 3 * * ? *)", Tags={"team": "reviews"}, **CRAWLER
    )
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_crawler(Name="nightly", **CRAWLER)
    glue.update_crawler(Name="nightly", Description="at three")
    found = glue.get_crawler(Name="nightly")["Crawler"]
    assert found["Schedule"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert (found["State"], found["Description"], found["Version"]) == ("READY", "at three", 2)
    assert found["Targets"]["S3Targets"] == CRAWLER["Targets"]["S3Targets"]
    with pytest.raises(ClientError, match="runs no crawlers"):
        glue.start_crawler(Name="nightly")
    glue.delete_crawler(Name="nightly")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_crawler(Name="nightly")


def test_crawlers_are_found_by_tag_and_the_grounds_resources_keep_their_tags(glue):
    glue.create_crawler(Name="tagged", Tags={"team": "reviews"}, **CRAWLER)
    glue.create_crawler(Name="other", **CRAWLER)
    assert glue.list_crawlers(Tags={"team": "reviews"})["CrawlerNames"] == ["tagged"]
    assert len(glue.get_crawlers()["Crawlers"]) == 2
    glue.create_job(Name="job", Role=CRAWLER["Role"], Command={"Name": "glueetl"}, Tags={"a": "b"})
    job = "arn:aws:glue:us-east-1:123456789012:job/job"
    assert glue.get_tags(ResourceArn=job)["Tags"] == {"a": "b"}
    glue.untag_resource(
        ResourceArn="arn:aws:glue:us-east-1:123456789012:crawler/tagged", TagsToRemove=["team"]
    )
    assert glue.list_crawlers(Tags={"team": "reviews"})["CrawlerNames"] == []


def test_a_job_can_be_changed_and_does_not_run(glue):
    command = {"Name": "glueetl", "ScriptLocation": "s3://b/a.py"}
    glue.create_job(
        Name="etl", Role="r", Command=command, MaxRetries=2, DefaultArguments={"a": "b"}
    )
    glue.update_job(JobName="etl", JobUpdate={"Role": "s", "Command": command, "Timeout": 5})
    job = glue.get_job(JobName="etl")["Job"]
    assert (job["Role"], job["Timeout"], job["DefaultArguments"]) == ("s", 5, {})
    assert "MaxRetries" not in job
    with pytest.raises(
        glue.exceptions.InvalidInputException, match="as a SageMaker processing job"
    ):
        glue.start_job_run(JobName="etl")
    for call in (
        lambda: glue.start_job_run(JobName="none"),
        lambda: glue.update_job(JobName="none", JobUpdate={}),
    ):
        with pytest.raises(glue.exceptions.EntityNotFoundException):
            call()

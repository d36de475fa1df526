"""CloudWatch Logs of jobs."""

"""One job: the container contract, sandbox, process, logs, metrics, artifacts."""

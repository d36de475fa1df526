"""The workload: the code inside each job of the reviews pipelines."""

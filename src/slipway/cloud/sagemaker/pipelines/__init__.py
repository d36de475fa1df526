"""Pipelines and their executions."""

"""Slipway: SageMaker pipelines that run on AWS and, for real, on one machine."""

"""Inference components: models that share an endpoint."""

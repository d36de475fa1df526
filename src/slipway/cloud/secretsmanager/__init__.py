"""Secrets Manager: rotation. Secrets and their values are the ground's."""

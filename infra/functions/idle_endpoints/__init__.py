"""Endpoints that nobody calls are deleted."""

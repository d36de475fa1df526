"""Scoring many reviews at once: the jobs before and after a batch transform."""

"""Batch transform: files are cut into requests, a model is asked, and its answers become files."""

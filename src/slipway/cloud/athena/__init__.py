"""Athena: what the ground does not have of its control plane."""

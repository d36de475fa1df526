"""Endpoints: what serves, how it is made, changed and released."""

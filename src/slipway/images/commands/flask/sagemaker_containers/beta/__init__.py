"""The package in which scripts look for `framework`."""

"""The resource types, a module per AWS service."""

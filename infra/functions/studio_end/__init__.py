"""Custom resource: a Studio domain that leaves nothing behind."""

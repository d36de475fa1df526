"""Custom resource: what was made at run time goes with its stack."""

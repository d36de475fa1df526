"""IAM: policies evaluated for real."""

"""The command line: a client of the AWS API."""

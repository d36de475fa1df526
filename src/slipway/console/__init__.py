"""The console pages: a client of the AWS API."""

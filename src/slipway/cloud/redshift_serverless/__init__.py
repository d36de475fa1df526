"""Redshift Serverless: namespaces, workgroups and usage limits. Records: no warehouse runs."""

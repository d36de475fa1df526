"""Custom resource: a usage limit of Redshift Serverless."""

"""The code of the Lambda functions: the standard library and boto3, nothing else."""

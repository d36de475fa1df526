"""What scripts import from AWS's `sagemaker_containers`: the names that serving code uses, our own code."""

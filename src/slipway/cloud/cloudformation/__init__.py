"""CloudFormation: templates, change sets and stacks; each resource is made through its own API."""

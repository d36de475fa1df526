"""Application Auto Scaling for what SageMaker serves with; other services' targets are the ground's."""

"""What serves behind SageMaker's endpoints: fleets of instances, and the traffic to them."""

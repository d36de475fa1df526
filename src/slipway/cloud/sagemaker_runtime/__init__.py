"""SageMaker Runtime: requests to endpoints, and what is measured of them."""

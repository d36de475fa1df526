"""What the sample reviews are made of. Knows neither slipway nor the workload."""

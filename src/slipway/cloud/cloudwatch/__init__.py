"""CloudWatch: metrics that are kept, and alarms that are evaluated."""

"""Where events, schedules and notices go: AWS resources that a service of the cloud calls for somebody."""

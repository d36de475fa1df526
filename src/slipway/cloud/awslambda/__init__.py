"""AWS Lambda: functions as processes of this machine, called by the API, by events and by queues."""

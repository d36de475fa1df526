"""Amazon SNS: topics are the ground's; what goes beyond queues is sent from here."""

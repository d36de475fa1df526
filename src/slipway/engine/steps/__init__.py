"""What each type of step does: call the AWS API and tell what happened, as events."""

"""Amazon EventBridge Scheduler: schedules and groups of them, and how their targets are called."""

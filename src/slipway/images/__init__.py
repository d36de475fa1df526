"""What each AWS container image does, one module per image family."""

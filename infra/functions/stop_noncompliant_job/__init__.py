"""A job outside the rules is stopped."""

"""A verified model package goes to production when a second person approves."""

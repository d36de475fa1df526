"""Secret rotation: the password of the warehouse."""

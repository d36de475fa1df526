"""What staging serves is tested."""

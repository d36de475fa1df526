"""Two samples: the least that must be set, and everything that can be; tests compare what they make."""

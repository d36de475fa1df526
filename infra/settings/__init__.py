"""The settings of each environment: one typed file each, and what a value must be."""

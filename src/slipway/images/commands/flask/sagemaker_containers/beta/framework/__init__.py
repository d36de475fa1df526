"""Content types, encoders, errors, the environment, user modules, transformer and worker."""

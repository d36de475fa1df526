"""The code that a deployed model answers with: it lies in the artifact, as `code/`."""

"""The evaluation job: what the model artifact is worth on the held-out test split."""

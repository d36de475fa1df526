"""The steps of the reviews pipelines, one module each, and what they share."""

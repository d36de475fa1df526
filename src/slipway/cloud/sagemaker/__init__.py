"""SageMaker, as far as Slipway owns it: one file per resource."""

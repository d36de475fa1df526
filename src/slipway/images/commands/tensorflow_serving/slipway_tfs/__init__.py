"""TensorFlow Serving's container, with the models in this very process. Runs in the image's Python."""

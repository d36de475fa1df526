"""The model as MLflow serves models: `mlflow_model.py ARTIFACT TARGET` saves it."""

import sys
from pathlib import Path

import mlflow


class Reviews(mlflow.pyfunc.PythonModel):
    """A pyfunc around the same SavedModel."""

    def load_context(self, context):
        """Load the model."""
        from in_process import Model

        self.model = Model(context.artifacts["artifact"])

    def predict(self, context, model_input: list[str], params=None):
        """Return predictions."""
        return self.model.predict(model_input)


if __name__ == "__main__":
    mlflow.pyfunc.save_model(
        sys.argv[2],
        python_model=Reviews(),
        artifacts={"artifact": sys.argv[1]},
        code_paths=[str(Path(__file__).with_name("in_process.py"))],
        pip_requirements=[],
    )

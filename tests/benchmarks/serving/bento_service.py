"""The model as BentoML serves models: with its adaptive batching and without. ARTIFACT names it."""

import os

import bentoml
from in_process import Model


class _Loaded:
    def __init__(self) -> None:
        self.model = Model(os.environ["ARTIFACT"])


@bentoml.service(traffic={"timeout": 120, "max_concurrency": 256})
class Single(_Loaded):
    """A request, a call."""

    @bentoml.api
    def predict(self, texts: list[str]) -> list[dict]:
        """Return predictions."""
        return self.model.predict(texts)


@bentoml.service(traffic={"timeout": 120, "max_concurrency": 256})
class Batching(_Loaded):
    """Requests that come together, a call."""

    @bentoml.api(batchable=True, max_batch_size=32, max_latency_ms=60_000)
    def predict(self, texts: list[str]) -> list[dict]:
        """Return predictions."""
        return self.model.predict(texts)

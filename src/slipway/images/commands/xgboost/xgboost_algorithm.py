"""The server of the built-in XGBoost algorithm, for a model without a script. Runs in a worker."""

import json
import os
import traceback

import xgboost_boosters as boosters
import xgboost_matrices as matrices
import xgboost_selected as selected
from front import Reply, Request

TEXT = {"Content-Type": "text/html; charset=utf-8"}
LARGEST = 6 * 1024 * 1024  # bytes of a body, unless MAX_CONTENT_LENGTH says otherwise


class Algorithm:
    """Boosters behind the algorithm's answers: 204, 400, 406, 413, 415 and 500."""

    def __init__(self, model_dir: str) -> None:
        """Load every model of the folder."""
        self._models = boosters.load(model_dir)
        self._batch = bool(os.environ.get("SAGEMAKER_BATCH"))
        named = os.environ.get("SAGEMAKER_INFERENCE_OUTPUT", "")
        self._keys = [key for key in named.replace(" ", "").lower().split(",") if key]
        self._accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or matrices.CSV
        self._largest = int(os.environ.get("MAX_CONTENT_LENGTH") or LARGEST)

    def answer(self, request: Request) -> Reply:
        """Answer /invocations or /execution-parameters."""
        if request.path == "/execution-parameters":
            told = {
                "MaxConcurrentTransforms": os.cpu_count(),
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": self._largest // 1024**2,
            }
            return Reply(200, json.dumps(told).encode(), {"Content-Type": "application/json"})
        if not request.body:
            return Reply(204)
        if len(request.body) > self._largest:
            return refused(413, f"The body has more than {self._largest} bytes")
        try:
            kind = matrices.content_type(request.headers.get("content-type"))
            data = matrices.matrix(request.body, kind)
        except ValueError as error:
            return refused(415, str(error))
        try:
            found = boosters.predict(self._models, data, kind)
        except Exception as error:
            return refused(400, f"Unable to evaluate payload provided: {error}")
        if not self._keys:
            values = [str(each) for each in found.tolist()]
            text = "\n".join(values) + "\n" if self._batch else ",".join(values)
            return Reply(200, text.encode(), {"Content-Type": "text/csv; charset=utf-8"})
        try:
            accept = self._accepted(request.headers.get("accept", ""))
        except ValueError as error:
            return refused(406, str(error))
        try:
            picked = self._select(found)
            body = selected.encode(picked, self._keys, accept, self._batch)
        except Exception as error:
            return refused(500, str(error))
        return Reply(200, body, {"Content-Type": accept})

    def _accepted(self, header: str) -> str:
        found = header.partition(";")[0].strip().lower()
        if found in ("", "*/*"):
            return self._accept
        if found not in selected.ACCEPTED:
            raise ValueError(
                f"Accept type {found} is not supported. Please use supported accept types: "
                f"{list(selected.ACCEPTED)}."
            )
        return found

    def _select(self, found: object) -> list[dict[str, object]]:
        learner = json.loads(self._models[0][0].save_config())["learner"]
        classes = int(learner["learner_model_param"].get("num_class", 0))
        return selected.select(found, self._keys, learner["objective"]["name"], classes)


def refused(status: int, message: str) -> Reply:
    """Return an error; called where one is handled, so that its trace goes to the log."""
    traceback.print_exc()
    return Reply(status, message.encode(), TEXT)

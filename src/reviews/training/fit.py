"""Train epoch by epoch: metrics to the log, a checkpoint after each epoch and when told to stop."""

from collections.abc import Callable
from typing import Any

import keras

from reviews.training.checkpoints import Checkpoints
from reviews.training.metric_lines import line


class StopWhenTold(keras.callbacks.Callback):  # type: ignore[misc]
    """End training after the step during which the job was told to stop; count the steps."""

    def __init__(self, stopping: Callable[[], bool], steps: int) -> None:
        """Start from `steps` steps already done in this epoch."""
        super().__init__()
        self.steps = steps
        self._stopping = stopping

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count a step."""
        self.steps += 1
        if self._stopping():
            self.model.stop_training = True


def fit(
    model: Any,
    training: Callable[[int, int], Any],
    validation: Callable[[], Any],
    epochs: int,
    checkpoints: Checkpoints,
    stopping: Callable[[], bool],
) -> dict[str, float] | None:
    """Train until `epochs` epochs are done; return the last epoch's metrics, None if told to stop.

    `training(epoch, skip)` gives the batches of an epoch but the first `skip`, always the same for
    the same epoch, so a run that was stopped in an epoch goes on as if it had not been.
    """
    first, step = checkpoints.restore()
    if first or step:
        print(f"resuming: {first} epochs and {step} steps are done", flush=True)
    found: dict[str, float] = {}
    for epoch in range(first, epochs):
        watch = StopWhenTold(stopping, step)
        batches = training(epoch, step)
        logs: dict[str, list[float]] = {}
        if not step or any(
            True for _ in batches.take(1)
        ):  # else it was stopped after the last step
            logs = model.fit(
                batches, initial_epoch=epoch, epochs=epoch + 1, callbacks=[watch], verbose=0
            ).history
        if stopping():
            checkpoints.save(epoch, watch.steps)
            print(f"told to stop: saved after {epoch} epochs and {watch.steps} steps", flush=True)
            return None
        found = {f"train:{name}": values[-1] for name, values in logs.items()}
        found |= validate(model, validation())
        report(epoch + 1, epochs, found)
        checkpoints.save(epoch + 1, 0)
        step = 0
    if not found:  # all epochs were done before
        found = validate(model, validation())
        report(first, epochs, found)
    return found


def validate(model: Any, batches: Any) -> dict[str, float]:
    """Return loss and accuracy on the validation split."""
    scores = model.evaluate(batches, return_dict=True, verbose=0)
    return {f"validation:{name}": scores[name] for name in ("loss", "accuracy")}


def report(epoch: int, epochs: int, found: dict[str, float]) -> None:
    """Print metrics as SageMaker finds them."""
    print(f"epoch {epoch}/{epochs}:", *(line(k, v) for k, v in found.items()), flush=True)

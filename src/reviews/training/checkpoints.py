"""Save and restore a training run: weights, optimizer, and how far it came."""

from pathlib import Path
from typing import Any

import tensorflow as tf

KEPT = 2


class OtherModel(Exception):
    """The latest checkpoint is not of the network that is trained."""


class Checkpoints:
    """The checkpoints of one run in a folder that SageMaker keeps in S3."""

    def __init__(self, folder: Path, model: Any) -> None:
        """Name what is saved: the model that is trained, and its place in the run."""
        self._epoch = tf.Variable(0, dtype=tf.int64, name="epoch")
        self._step = tf.Variable(0, dtype=tf.int64, name="step")
        # `variables` holds the states of the random generators too, so dropout goes on as well.
        state = [v.value for v in (*model.variables, *model.optimizer.variables)]
        saved = tf.train.Checkpoint(state=state, epoch=self._epoch, step=self._step)
        self._manager = tf.train.CheckpointManager(saved, str(folder), max_to_keep=KEPT)

    def restore(self) -> tuple[int, int]:
        """Take up the latest checkpoint; return the epoch to go on with, and its step, both from 0."""
        if latest := self._manager.latest_checkpoint:
            try:
                self._manager.checkpoint.restore(latest).assert_consumed()
            except (AssertionError, ValueError, tf.errors.InvalidArgumentError) as error:
                raise OtherModel(
                    f"{latest}: expected a checkpoint of this very network, found one of another; "
                    "change CheckpointConfig.S3Uri, or train with the weights, max_seq_length and "
                    "freeze_bert_layer that it was saved with"
                ) from error
        return int(self._epoch), int(self._step)

    def save(self, epoch: int, step: int) -> None:
        """Save that `epoch` epochs are done, and `step` steps of the next."""
        self._epoch.assign(epoch)
        self._step.assign(step)
        self._manager.save()

"""Save and restore a training run: weights, optimizer, and how far it came."""

from pathlib import Path
from typing import Any

import tensorflow as tf

KEPT = 2


class Checkpoints:
    """The checkpoints of one run in a folder that SageMaker keeps in S3."""

    def __init__(self, folder: Path, model: Any) -> None:
        """Name what is saved: the model that is trained, and its place in the run."""
        self._epoch = tf.Variable(0, dtype=tf.int64, name="epoch")
        self._step = tf.Variable(0, dtype=tf.int64, name="step")
        saved = tf.train.Checkpoint(
            model=model, optimizer=model.optimizer, epoch=self._epoch, step=self._step
        )
        self._manager = tf.train.CheckpointManager(saved, str(folder), max_to_keep=KEPT)

    def restore(self) -> tuple[int, int]:
        """Take up the latest checkpoint; return the epoch to go on with, and its step, both from 0."""
        latest = self._manager.latest_checkpoint
        if latest:
            self._manager.checkpoint.restore(latest).assert_existing_objects_matched()
        return int(self._epoch), int(self._step)

    def save(self, epoch: int, step: int) -> None:
        """Save that `epoch` epochs are done, and `step` steps of the next."""
        self._epoch.assign(epoch)
        self._step.assign(step)
        self._manager.save()

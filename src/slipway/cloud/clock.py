"""What time it is for the services of the cloud that act on time: asked here and nowhere else."""

import time


def now() -> float:
    """Return the time in epoch seconds."""
    return time.time()

"""Run the training job; lies beside the package `reviews` in the source bundle."""

import sys

from reviews.training.job import main

if __name__ == "__main__":
    sys.exit(main())

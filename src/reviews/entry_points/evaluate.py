"""Run the evaluation job; lies beside the package `reviews` in the source bundle."""

import sys

from reviews.evaluation.job import main

if __name__ == "__main__":
    sys.exit(main())

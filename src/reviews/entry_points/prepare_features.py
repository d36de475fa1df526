"""Run the features job; lies beside the package `reviews` in the source bundle."""

import sys

from reviews.features.job import main

if __name__ == "__main__":
    sys.exit(main())

"""Prepare a batch; lies beside the package `reviews` in the source bundle."""

import sys

from reviews.batch.prepare import main

if __name__ == "__main__":
    sys.exit(main())

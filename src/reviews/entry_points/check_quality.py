"""Run the quality job on Spark; the package `reviews` and PyDeequ come by --py-files."""

import sys

from reviews.quality.job import main

if __name__ == "__main__":
    sys.exit(main())

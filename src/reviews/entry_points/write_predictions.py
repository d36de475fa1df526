"""Write the predictions of a batch; lies beside the package `reviews` in the source bundle."""

import sys

from reviews.batch.write import main

if __name__ == "__main__":
    sys.exit(main())

#!/bin/bash
# Run a script that lies beside this one; before that, install the wheels that came with it, if any.
set -euo pipefail
cd "$(dirname "$0")"
if [ -d wheels ]; then
  python3 -m pip install --quiet --no-index --no-deps wheels/*.whl
fi
exec python3 "$@"

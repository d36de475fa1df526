#!/bin/bash
# Run a script that lies beside this one; before that, install what came with it.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m pip install --quiet --no-deps -r requirements.txt
exec python3 "$@"

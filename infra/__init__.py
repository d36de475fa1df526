"""The CDK app: the whole platform as stacks, the same for AWS and for the local cloud."""

import os
import sys
from pathlib import Path

# The CDK runs in Node: in the one that set-up has put beside this Python, whatever PATH says.
_NODE = Path(sys.executable).with_name("node")
if _NODE.exists():
    os.environ.setdefault("JSII_NODE", str(_NODE))

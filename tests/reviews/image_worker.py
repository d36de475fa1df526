"""Runs in a job image: calls a function of a file per line of stdin, and answers with JSON.

One process serves all tests, so TensorFlow is imported once.
"""

import importlib.util
import json
import os
import sys
import traceback

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what the functions print is no answer
modules = {}
for line in sys.stdin:
    request = json.loads(line)
    try:
        file = request["file"]
        if file not in modules:
            spec = importlib.util.spec_from_file_location(f"in_image_{len(modules)}", file)
            modules[file] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(modules[file])
        answer = {"value": getattr(modules[file], request["function"])(*request["arguments"])}
    except BaseException:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), file=answers, flush=True)

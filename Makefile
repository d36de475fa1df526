PYTHON ?= python3
BIN := .venv/bin
# One more than there are processors, as some tests wait; four at most.
WORKERS = $(shell $(PYTHON) -c 'import os; print(min((os.cpu_count() or 1) + 1, 4))')

# What is started hundreds of times is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test bench lock format coverage synth

setup:
	@$(PYTHON) scripts/setup.py

demo: setup
	@$(BIN)/python scripts/demo.py $(if $(DATA),--data "$(DATA)") $(DEMO_FLAGS)

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -m "not bench" -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST_FLAGS)

bench: setup
	@$(PYTHON) scripts/setup.py --only bench-peers bench-serving-peers
	$(BIN)/pytest -m bench -s tests/benchmarks

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: setup
	@$(BIN)/python scripts/lock.py

coverage: setup
	@$(BIN)/python scripts/coverage.py
	@$(BIN)/python scripts/cloudformation_types.py

synth: setup
	@export PATH="$(CURDIR)/$(BIN):$$PATH"; for environment in dev staging prod; do \
		cdk synth -q -c environment=$$environment -o cdk.out/$$environment || exit 1; done

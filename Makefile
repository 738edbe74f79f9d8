# Every verb sets up what it needs inside this checkout: uv in .tools/uv, the locked environment in .venv.
# People and CI use the same verbs. Needs: make, Python 3.11 to 3.13, a package registry.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
.SUFFIXES:

# What an outer shell has active must not decide what is installed where.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME UV_PROJECT UV_PYTHON UV_RESOLUTION
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
export PYTHON

# Like pip, trust the machine's own certificates where it keeps some: registries are often reached through a proxy.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/ca-bundle.crt),)
UV_SYSTEM_CERTS ?= 1
export UV_SYSTEM_CERTS
endif

UV := .tools/uv/bin/uv
VENV := .venv/bin
INTERPRETER = "$$(cat .tools/uv/ready)"
DOCS_ABOUT_CODE := tests/test_project.py tests/test_layers.py tests/test_docs.py

# A stamp is void when the interpreter is gone, and .venv/ready also when the checkout was moved or copied.
$(shell [ ! -f .tools/uv/ready ] || { [ -x $(INTERPRETER) ] && [ -x $(UV) ]; } || rm -f .tools/uv/ready)
$(shell [ ! -f .venv/ready ] || { [ "$$(cat .venv/ready)" = "$(CURDIR)" ] && $(VENV)/python -c ''; } 2>/dev/null || rm -rf .venv)

.PHONY: help setup demo test check format lowest newest spark bench soak alarms fuzz docs clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: .venv/ready ## make the locked environment in .venv (every verb does this when needed)

.tools/uv/ready: .ci/bootstrap
	@sh .ci/bootstrap

.venv/ready: .tools/uv/ready pyproject.toml uv.lock
	@$(UV) sync --frozen --python $(INTERPRETER)
	@echo "$(CURDIR)" > $@

demo: setup ## a simulated year of an upsell model, told from training to what was noticed
	@$(VENV)/python -m mainstay demo $(ARGS)

test: setup ## all tests (ARGS='tests/stats -x' narrows them)
	@$(VENV)/python -m pytest -n auto --dist loadfile $(ARGS)

check: setup ## format, lint, strict types, layers, lock file, and what the docs say about the code
	@$(VENV)/ruff format --check
	@$(VENV)/ruff check
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo
	@$(UV) lock --check --quiet --python $(INTERPRETER)
	@$(VENV)/python -m pytest --quiet $(DOCS_ABOUT_CODE)

format: setup ## put the code into shape
	@$(VENV)/ruff format
	@$(VENV)/ruff check --fix

lowest: RESOLUTION := lowest-direct
lowest: ## all tests on the lowest versions we allow, plain install, in .tools/lowest
newest: RESOLUTION := highest
newest: ## all tests on the newest versions that exist, plain install, in .tools/newest
lowest newest: .tools/uv/ready
	@$(UV) venv --quiet --clear --python $(INTERPRETER) .tools/$@
	@$(UV) pip install --quiet --python .tools/$@ --resolution $(RESOLUTION) .
	@$(UV) pip install --quiet --python .tools/$@ --group test
	@$(UV) pip list --quiet --python .tools/$@
	@.tools/$@/bin/python -m pytest --pyargs mainstay tests $(ARGS)

spark: .tools/uv/ready ## the tests that need Apache Spark, in .tools/spark (needs a Java)
	@$(UV) venv --quiet --clear --python $(INTERPRETER) .tools/$@
	@$(UV) pip install --quiet --python .tools/$@ '.[spark]' pytest hypothesis
	@.tools/$@/bin/python -m pytest tests/workflows/test_predict_spark.py tests/workflows/test_watch_spark.py $(ARGS)

bench: setup ## every script in bench/
	@for script in bench/*.py; do [ ! -e "$$script" ] || { echo "== $$script"; PYTHONPATH=. $(VENV)/python "$$script" || exit 1; }; done

soak: setup ## the service under callers and harm, twenty minutes (ARGS="--minutes 1")
	@PYTHONPATH=bench $(VENV)/python -m soak $(ARGS)

alarms: setup ## false alarms on clean streams, an hour (ARGS="clean --streams 12")
	@PYTHONPATH=bench $(VENV)/python -m alarms $(ARGS)

fuzz: .tools/uv/ready ## all that reads bytes from outside, a minute each, in .tools/fuzz (ARGS="--seconds 10 json")
	@$(UV) venv --quiet --clear --python $(INTERPRETER) .tools/$@
	@$(UV) pip install --quiet --python .tools/$@ . atheris
	@PYTHONPATH=bench .tools/$@/bin/python -m fuzz $(ARGS)

docs: setup ## the docs as pages in site/; a broken link is an error
	@$(VENV)/python docs/generate.py
	@UV_PROJECT_ENVIRONMENT=.tools/docs $(UV) run --quiet --frozen --only-group docs --python $(INTERPRETER) mkdocs build --quiet --strict
	@echo "Written: site/index.html"

clean: ## remove everything that make made; the next verb sets up anew
	@rm -rf .venv .tools site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

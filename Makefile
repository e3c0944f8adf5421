# Each target sets up .venv by itself; the stamps make that happen once for each pyproject.toml.

PYTHON ?= python3
EXAMPLE := examples/sigmoid_network.md

.PHONY: demo test lint bench

demo: .venv/.installed
	.venv/bin/chainrule check $(EXAMPLE)
	.venv/bin/chainrule derive $(EXAMPLE) --of J --by W_1,b_1,W_2,b_2
	.venv/bin/chainrule train $(EXAMPLE) --data digits --size H=64 --seed 0

test: .venv/.installed
	.venv/bin/pytest -n 2

lint: .venv/.installed
	.venv/bin/ruff check .

bench: .venv/.installed-bench
	.venv/bin/python benchmarks/rivals.py

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --editable '.[test]'
	touch $@

.venv/.installed-bench: .venv/.installed
	.venv/bin/pip install --quiet --editable '.[test,bench]'
	touch $@

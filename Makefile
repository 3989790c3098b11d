# Everything that is done with this repository. On a fresh Debian: apt-get install make, then make demo.

VENV := .venv
PYTHON ?= python3
export PYTHON

# Installed once; again when what is installed changes.
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test translations lint bench judges lowest goldens clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): pyproject.toml setup.py scripts/environment
	@scripts/environment $(VENV)

demo: $(INSTALLED)  ## generate the flake of the example hosts/commons/community.toml into build/demo
	@rm -rf build/demo
	@# A repository of its own, as a community's flake has one: Nix sees what git knows.
	@git init --quiet build/demo 2>/dev/null || mkdir -p build/demo
	@$(VENV)/bin/maidan-nix generate hosts/commons/community.toml --out build/demo
	@echo
	@echo "A NixOS flake of $$(find build/demo -type f -not -path '*/.git/*' | wc -l) files is in build/demo."
	@echo "Read build/demo/README.md first: it says how a host is installed, switched and rolled back."
	@echo "For a community of your own: copy hosts/minimal/community.toml, change it, and run"
	@echo "$(VENV)/bin/maidan-nix generate in its folder."

test: $(INSTALLED)  ## set everything up and run all tests (as root with every judge, else with visible skips)
	@PYTHON=$(VENV)/bin/python scripts/judges --as-far-as-can
	@$(VENV)/bin/pytest -n auto --dist loadfile -W error $(ARGUMENTS)

translations: $(INSTALLED)  ## collect messages into the catalogues, and compile their translations
	@$(VENV)/bin/python scripts/translations.py

lint: $(INSTALLED)  ## ruff's rules and format, mypy strict
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy

bench: $(INSTALLED)  ## measure generate against the floor of its interpreter and imports
	@$(VENV)/bin/python scripts/bench.py $(ARGUMENTS)

judges: $(INSTALLED)  ## install the programs that judge what is generated, and the Debian 13 tree (as root)
	@PYTHON=$(VENV)/bin/python scripts/judges

lowest: $(INSTALLED)  ## run the tests with the lowest versions of all direct dependencies
	@scripts/lowest .venv-lowest $(ARGUMENTS)

goldens: $(INSTALLED)  ## generate the worked examples in hosts/ anew
	@for manifest in hosts/*/community.toml; do $(VENV)/bin/maidan-nix generate "$$manifest" || exit; done

clean:  ## remove what was made here (not the Debian 13 tree, which is shared)
	@rm -rf $(VENV) .venv-judges .venv-lowest build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

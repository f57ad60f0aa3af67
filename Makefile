# Everything that is done with the project, each thing by its name.
#
# Wanted: make, git and Python 3.11 or later. The libraries go into .venv by the lock files, each
# download checked against its hash; programs of the system come from apt-get, see the end.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The first Python that is new enough; `make PYTHON=python3.12 …` chooses another.
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.PHONY: help
help: ## Print this.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Using it

.PHONY: demo bench
demo: $(VENV)/.runtime demo-tools ## Play the whole demonstration here, then stay up for looking around.
	$(BIN)/notifier demo

bench: $(VENV)/.dev bench-tools ## Measure again everything that is claimed.
	$(BIN)/python -m bench

# Working on it

# Test files run side by side: most of their time is waiting for processes, not for a core.
JOBS := $(shell echo $$(( $$(nproc 2>/dev/null || echo 1) + 1 )))

.PHONY: test chaos letters check format lint types imports dead dependencies spelling fix
test: check test-tools ## Check, then run all tests; JOBS=… at a time.
	$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

chaos: $(VENV)/.dev test-tools ## Kill, freeze and cut everything for a minute (SECONDS=…, SEED=…).
	$(BIN)/python -m tests.chaos --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

letters: $(VENV)/.dev letters-tools ## Write the approved letters and their pictures anew, to be read.
	$(BIN)/python -m tests.letters

check: format lint types imports dead dependencies spelling ## The next seven: all that runs nothing.

format: $(VENV)/.dev ## Is it formatted?
	$(BIN)/ruff format --check

lint: $(VENV)/.dev ## Does ruff agree?
	$(BIN)/ruff check

types: $(VENV)/.dev ## Does mypy agree?
	$(BIN)/mypy

imports: $(VENV)/.dev ## Do imports point one way?
	$(BIN)/lint-imports --no-logo

dead: $(VENV)/.dev ## Is everything used?
	$(BIN)/vulture

dependencies: $(VENV)/.dev ## Is everything imported declared, and everything declared imported?
	$(BIN)/deptry .

spelling: $(VENV)/.dev ## Is it spelt right?
	$(BIN)/codespell

fix: $(VENV)/.dev ## Format, and mend what ruff can mend.
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

.PHONY: wheel lock clean
wheel: $(VENV)/.dev ## Build the wheel into dist/.
	$(BIN)/python -m build --wheel --no-isolation

# One lock for every Python and platform, with neither addresses nor paths in it.
LOCKED := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --extra build

lock: $(VENV)/.dev ## Write the lock files again; UPGRADE=--upgrade takes newer versions.
	$(LOCKED) $(UPGRADE) --output-file requirements.lock pyproject.toml
	$(LOCKED) $(UPGRADE) --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

clean: ## Remove what was made here: .venv, dist and caches.
	rm -rf $(VENV) $(dir $(JUDGES)) dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# The environment. A stamp tells that it is as the lock file says, so the next time starts at once.

$(BIN)/python:
	@[ "$(PYTHON)" ] || { echo 'Python 3.11 or later is needed; none was found.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(call apt,$(PYTHON)-venv); }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock
$(VENV)/.dev: requirements-dev.lock
$(VENV)/.%: pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --requirement $(filter %.lock,$^)
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The judges that come from npm, by their own lock file; see tests/judges. Where Node brings its own
# npm, Debian's stands in its way: so it is asked for once Node is there. And once apt-get has its
# lists it can be told whether there is a sabre to be had: Debian 13 has none.

JUDGES := tests/judges/node_modules/.installed

$(JUDGES): tests/judges/package-lock.json tests/judges/package.json | test-programs
	@$(call need,npm sabre)
	cd tests/judges && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

# Programs of the system: a command, and the Debian package that holds it. What is no command is
# found by trying it.

package-redis-server := redis-server
package-chromium := chromium
package-chromedriver := chromium-driver
package-gcc := gcc libc6-dev
package-node := nodejs
package-npm := npm
package-sabre := php-cli php-sabre-vobject
package-libical := gir1.2-ical-3.0 python3-gi
package-spamassassin := spamassassin
package-mshow := mblaze
package-ripmime := ripmime

found-sabre := test -e /usr/share/php/Sabre/VObject/autoload.php || ! apt-cache show php-sabre-vobject
found-libical := /usr/bin/python3 -c 'import gi; gi.require_version("ICalGLib", "3.0")'

missing = $(strip $(foreach name,$(1),$(shell PATH="$$PATH:/usr/sbin"; \
	{ $(or $(found-$(name)),command -v $(name)); } >/dev/null 2>&1 || echo $(name))))
need = $(if $(call missing,$(1)),$(call apt,$(foreach command,$(call missing,$(1)),$(package-$(command)))),:)

# Root gets the packages, anybody else the line to type. A server that comes in this way is not left
# running: the demo, the tests and the benchmarks start their own.
define apt
if [ "$$(id -u)" != 0 ]; then \
	echo 'Programs are missing. Type this, then try again: sudo apt-get install --no-install-recommends $(1)' >&2; \
	exit 1; \
fi; \
echo 'Installing $(1)'; \
export DEBIAN_FRONTEND=noninteractive; \
apt-get -qq update && apt-get -qq install --yes --no-install-recommends $(1) >/dev/null || exit 1; \
for server in $(filter redis-server,$(1)); do \
	systemctl disable --quiet --now $$server 2>/dev/null || service $$server stop >/dev/null 2>&1 || true; \
done
endef

.PHONY: demo-tools test-tools test-programs letters-tools bench-tools
demo-tools: $(VENV)/.runtime  # the embedded Redis is a wheel where there is one, else the system's
	@[ -x $(BIN)/redis-server ] || { $(call need,redis-server); }

test-tools: test-programs $(JUDGES)

test-programs:
	@$(call need,redis-server chromium chromedriver gcc \
		node libical spamassassin mshow ripmime)

letters-tools:  # the fonts of every language, without which a picture shows boxes
	@$(call need,chromium chromedriver)
	@fc-list :lang=ja | grep -q . && fc-list :lang=he | grep -q . || { \
		$(call apt,fontconfig fonts-noto-core fonts-noto-cjk); }

bench-tools:  # the load generators of Postfix are fetched by the bench itself, and not installed
	@$(call need,redis-server)

# A bare `make` lists what one can do. Everything is built by CMake into build/<preset>.

LISTEN ?= 127.0.0.1:8000
DATABASE ?= demo.db
PREFIX ?= /usr/local
PRESET ?= release
JOBS ?= $(shell nproc)
# Which tests, as ctest takes it: TESTS='-R orders', TESTS='-LE postgres'.
TESTS ?=
# What is built for them; all of it without a name.
TARGETS ?=
# scripts/ctest-as-plain-user runs them as a user without rights, for root.
CTEST ?= ctest
# "missing" installs packages that are missing; anything else leaves the system as it is.
PACKAGES ?= missing

install = $(if $(filter missing,$(PACKAGES)),@scripts/install-packages $(1))
# Configured once; from then on the build itself notices what changed in CMakeLists.txt.
configure = @test -f build/$(1)/build.ninja || cmake --preset $(1) --log-level=WARNING >/dev/null
# As one word of the shell, whatever is in it; and with what a shell does to ~/ outside of quotes.
quoted = '$(subst ','\'',$(1))'
at_home = $(if $(filter ~/%,$(firstword $(1))),$(subst ^~/,$(HOME)/,^$(1)),$(1))

.PHONY: help run build install test slow check bench clean format

help:
	@echo "make run      build the program, seed a demo shop and serve it on http://$(LISTEN)"
	@echo "make build    the optimised program at build/release/aforro"
	@echo "make install  put it where it is found: $(PREFIX)/bin/aforro (PREFIX=, DESTDIR=)"
	@echo "make test     build and run every test (PRESET=dev, asan or tsan for another build)"
	@echo "make slow     the suites that take minutes: power cuts, faults of the disk, hundreds of kills"
	@echo "make check    formatting, lints, the layers of the includes, stray text"
	@echo "make format   format every source file"
	@echo "make bench    measure, beside the service it replaces where that is there"
	@echo "make clean    remove all that was built"
	@echo
	@echo "Each installs the packages that it misses; PACKAGES=present keeps it from doing so."

# By the environment, since there may be blanks in its name, and a password that neither `make -n` nor `ps` shall show.
run: export AFORRO_DATABASE = $(or $(DATABASE),demo.db)
# What is refused (1), or no setting (2), has been said in words, to which make need not add; all else it shall name.
run: build
	@echo "Ctrl-C stops the server, and its shop stays; LISTEN=127.0.0.1:8001 has it elsewhere."
	@build/release/aforro serve --listen $(call quoted,$(LISTEN)) --seed-if-empty || \
	{ code=$$?; case $$code in 1|2) ;; *) exit $$code;; esac; \
	  echo "Not served. LISTEN=127.0.0.1:8001 and DATABASE=other.db, behind make run, choose others."; }

build:
	$(call install,build)
	$(call configure,release)
	@$(if $(wildcard build/release/aforro),echo "Building what has changed since the last time",true)
	@cmake --build --preset release --target aforro $(if $(wildcard build/release/aforro),-- --quiet)

install: build
	@install -D -m 755 build/release/aforro $(call quoted,$(call at_home,$(DESTDIR)$(PREFIX)/bin/aforro)) || \
	{ echo "Not installed. \"sudo make install\" may write there; PREFIX=~/.local, behind make install, needs no rights."; exit 1; }

test:
	$(call install,build)
	$(call configure,$(PRESET))
	@cmake --build --preset $(PRESET) $(if $(TARGETS),--target $(TARGETS))
	@$(CTEST) --preset $(PRESET) --parallel $(JOBS) $(TESTS); code=$$?; \
	skipped() { echo "$$1 is not installed, so what is tested with it was skipped: scripts/install-packages services"; }; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || skipped PostgreSQL; \
	ls /usr/bin/redis-check-rdb /usr/bin/redis-server /usr/local/bin/redis-server 2>/dev/null | grep -q . || skipped Redis; \
	ls /usr/sbin/pgbouncer >/dev/null 2>&1 || skipped PgBouncer; \
	/usr/bin/python3 -c 'import django, psycopg2' 2>/dev/null || skipped Django; \
	exit $$code

# Verbose, for the seeds and counts that they print.
slow:
	$(call install,build)
	$(call configure,$(PRESET))
	@cmake --build --preset $(PRESET)
	@ctest --preset $(PRESET) --build-config slow --label-regex '^slow$$' --verbose $(TESTS)

check:
	$(call install,build lint)
	@scripts/check

format:
	$(call install,lint)
	@find app lib tests -name '*.cpp' -o -name '*.h' | xargs clang-format -i

bench:
	$(call install,build)
	$(call configure,release)
	@cmake --build --preset release --target aforro bench
	@tests/bench/run

clean:
	rm -rf build

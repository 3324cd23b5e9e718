# Figaro. `make help` lists what can be asked of this file.

VERSION  := 0.1.0
SONAME   := libfigaro.so.0
PREFIX   ?= /usr/local
CC       ?= gcc
BUILD    ?= build
SANITIZE ?=
SEEDS    ?= 1000

WARN     := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
OPT      ?= -O2 -g
CFLAGS   ?=
CPPFLAGS += -I. -D_GNU_SOURCE -MMD -MP
FLAGS     = -std=c11 $(WARN) $(OPT) -fPIC -fvisibility=hidden -pthread $(CFLAGS)
ifneq ($(SANITIZE),)
FLAGS    += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all -DFIG_CHECKERS=1
LDFLAGS  += -fsanitize=$(SANITIZE)
endif

LIB_LIBS   := -llmdb -pthread
TOOL_LIBS  := -ljansson -lmd -lz -lical -lsqlite3
TEST_LIBS  := -lcriterion
BENCH_LIBS := -lsqlite3
MATCH_LIBS := -lsqlite3 -lpq -lhiredis -lm

CORE_SRC    := $(wildcard engine/core/*.c)
RUNTIME_SRC := $(wildcard engine/runtime/*.c)
STORAGE_SRC := $(wildcard storage/*.c)
LIB_SRC     := $(CORE_SRC) $(RUNTIME_SRC) $(STORAGE_SRC)
TOOL_SRC    := $(wildcard tools/*.c)
TEST_SRC    := $(filter-out tests/fuzz/% tests/plain/%,$(wildcard tests/*.c tests/*/*.c))
FUZZ_SRC    := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC   := $(wildcard bench/*.c)
# The bench of contenders: its rooms, and what it shares with the micro bench. What is pure of it is tested, too.
PURE_SRC    := $(wildcard bench/load/*.c bench/report/*.c)
MATCH_SRC   := $(wildcard bench/*/*.c) bench/figures.c bench/bare_lmdb.c

# Criterion's sandbox and the thread sanitizer want the same addresses: there a plain runner takes its place.
ifeq ($(SANITIZE),thread)
LIB_SRC   += tests/plain/clocklock.c
TEST_SRC  += tests/plain/main.c
TEST_LIBS :=
CPPFLAGS  := -Itests/plain $(CPPFLAGS)
endif

LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
TOOL_OBJ  := $(TOOL_SRC:%.c=$(BUILD)/obj/%.o)
TEST_OBJ  := $(TEST_SRC:%.c=$(BUILD)/obj/%.o)
FUZZ_OBJ  := $(FUZZ_SRC:%.c=$(BUILD)/obj/%.o)
BENCH_OBJ := $(BENCH_SRC:%.c=$(BUILD)/obj/%.o)
PURE_OBJ  := $(PURE_SRC:%.c=$(BUILD)/obj/%.o)
MATCH_OBJ := $(MATCH_SRC:%.c=$(BUILD)/obj/%.o)
# How the bench keeps a server of its own, which tests of a database do, too.
SERVER_OBJ := $(BUILD)/obj/bench/contenders/server.o

FUZZ_SECONDS ?= 30
FUZZ_NAMES   := $(notdir $(FUZZ_SRC:.c=))

INSTALL_DIRS := bin lib/pkgconfig include share/man/man1 share/man/man3
MAN1         := $(wildcard tools/man/*.1)
MAN3         := $(wildcard engine/man/*.3)

PACKAGES := gcc clang make pkg-config liblmdb-dev libxxhash-dev libjansson-dev libmd-dev zlib1g-dev libical-dev libsqlite3-dev \
            libpq-dev libcriterion-dev tzdata
TEST_PACKAGES  := postgresql-15
BENCH_PACKAGES := libhiredis-dev postgresql-15 redis-server gnuplot-nox

# $(call install_packages,NAMES): those that are not there yet.
define install_packages
@missing=""; for p in $(1); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
if [ -n "$$missing" ]; then \
    sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
    $$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $$missing; \
fi
endef

.DEFAULT_GOAL := all
.PHONY: all
all: $(BUILD)/libfigaro.so $(BUILD)/libfigaro.a $(BUILD)/figaro ## the libraries and the command, in build/

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(FLAGS) -c $< -o $@

# Its header alone: the command loads libpq itself when it is asked for.
$(BUILD)/obj/tools/app_postgresql.o $(BUILD)/obj/bench/contenders/postgresql.o: \
    CPPFLAGS += -I$(shell pg_config --includedir 2>/dev/null)

$(BUILD)/$(SONAME): $(LIB_OBJ) engine/figaro.map
	$(CC) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=engine/figaro.map -Wl,--no-undefined \
	    $(LDFLAGS) $(LIB_OBJ) $(LIB_LIBS) -o $@

$(BUILD)/libfigaro.so: $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $@

# One relocatable object with everything but the API made local: a static link cannot collide with our names.
$(BUILD)/libfigaro.a: $(LIB_OBJ)
	$(LD) -r $(LIB_OBJ) -o $(BUILD)/obj/figaro-all.o
	objcopy --localize-hidden $(BUILD)/obj/figaro-all.o
	rm -f $@ && $(AR) rcs $@ $(BUILD)/obj/figaro-all.o

$(BUILD)/figaro: $(TOOL_OBJ) $(LIB_OBJ)
	$(CC) $(LDFLAGS) $(TOOL_OBJ) $(LIB_OBJ) $(LIB_LIBS) $(TOOL_LIBS) -o $@

# The fuzzers' targets also run over their corpora as ordinary tests, each under the name of its file.
$(FUZZ_OBJ): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(FLAGS) -DLLVMFuzzerTestOneInput=$(notdir $*) -DLLVMFuzzerInitialize=$(notdir $*)_initialize \
	    -c $< -o $@

$(BUILD)/obj/tests/proof/corpus.o: $(FUZZ_SRC)
$(BUILD)/obj/tests/proof/corpus.o: CPPFLAGS += '-DFUZZ_TARGETS(X)=$(foreach name,$(FUZZ_NAMES),X($(name)))'

$(BUILD)/figaro-test: $(TEST_OBJ) $(FUZZ_OBJ) $(LIB_OBJ) $(filter-out %/main.o,$(TOOL_OBJ)) $(PURE_OBJ) $(SERVER_OBJ)
	$(CC) $(LDFLAGS) $^ $(LIB_LIBS) $(TOOL_LIBS) $(TEST_LIBS) -lm -o $@

.PHONY: deps
deps: ## installs the Debian packages that building and testing need
	$(call install_packages,$(PACKAGES))

.PHONY: bench-deps
bench-deps: deps ## installs what only the bench is held against, and starts none of it
	@bench/install.sh $(BENCH_PACKAGES)

.PHONY: test-deps
test-deps: deps ## installs the database server that some tests want, too, and starts none
	@bench/install.sh $(TEST_PACKAGES)

.PHONY: test
test: test-deps ## installs what is missing, builds, runs every test of the budget
	@$(MAKE) --no-print-directory all $(BUILD)/figaro-test
	FIGARO=$(abspath $(BUILD)/figaro) FIGARO_SEEDS=$(SEEDS) $(BUILD)/figaro-test $(TESTFLAGS)

.PHONY: check
check: deps ## the tests under the address, undefined-behaviour and thread sanitizers, structure checkers on
	@$(MAKE) --no-print-directory BUILD=build/asan SANITIZE=address,undefined SEEDS=100 test
	@$(MAKE) --no-print-directory BUILD=build/tsan SANITIZE=thread SEEDS=20 test

.PHONY: fuzz
fuzz: deps ## builds each fuzzer with clang's sanitizers and runs it FUZZ_SECONDS (30) seconds from its corpus
	@$(MAKE) --no-print-directory CC=clang BUILD=build/fuzz SANITIZE=fuzzer-no-link,address,undefined fuzzers
	@set -e; for name in $(FUZZ_NAMES); do \
	    echo "== $$name, $(FUZZ_SECONDS) s"; \
	    mkdir -p build/fuzz/new/$$name build/fuzz/found; \
	    corpus=tests/fuzz/corpus/$${name#fuzz_}; [ -d $$corpus ] || corpus=; \
	    build/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/found/$$name- \
	        -print_final_stats=1 build/fuzz/new/$$name $$corpus; \
	done

.PHONY: fuzzers
fuzzers: $(FUZZ_NAMES:%=$(BUILD)/%) ## only builds them, for the sanitizers given in SANITIZE

$(FUZZ_NAMES:%=$(BUILD)/%): $(BUILD)/%: tests/fuzz/%.c $(LIB_OBJ) $(filter-out %/main.o,$(TOOL_OBJ))
	$(CC) $(CPPFLAGS) $(FLAGS) -fsanitize=fuzzer $^ $(LDFLAGS) $(LIB_LIBS) $(TOOL_LIBS) -o $@

.PHONY: soak
soak: deps ## the long proofs: 100,000 histories, 200,000 worlds, 2,000 kills, races of 1,000,000 requests, 1,000,000 power cuts, 20,000 damages, 10,000 repairs, the fuzzers
	FIGARO_KILLS=2000 FIGARO_RACE=1000000 FIGARO_CUTS=1000000 FIGARO_DAMAGES=20000 FIGARO_REPAIRS=10000 $(MAKE) --no-print-directory SEEDS=100000 test
	@$(MAKE) --no-print-directory FUZZ_SECONDS=600 fuzz

.PHONY: demo
demo: deps ## builds, plays a real month into a new store, draws a day, tries a double booking
	@$(MAKE) --no-print-directory all
	@bench/sample/demo.sh $(BUILD)/figaro build/demo

.PHONY: install
install: all ## puts command, libraries, header and man pages under $(DESTDIR)$(PREFIX)
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,$(INSTALL_DIRS))
	install -m 755 $(BUILD)/figaro $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(BUILD)/$(SONAME) $(DESTDIR)$(PREFIX)/lib/libfigaro.so.$(VERSION)
	ln -sf libfigaro.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libfigaro.so
	install -m 644 $(BUILD)/libfigaro.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 engine/figaro.h $(DESTDIR)$(PREFIX)/include/
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' engine/figaro.pc.in \
	    > $(DESTDIR)$(PREFIX)/lib/pkgconfig/figaro.pc
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 $(MAN3) $(DESTDIR)$(PREFIX)/share/man/man3/

.PHONY: uninstall
uninstall: ## takes away what install put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/figaro lib/libfigaro.a lib/libfigaro.so lib/$(SONAME) \
	    lib/libfigaro.so.$(VERSION) lib/pkgconfig/figaro.pc include/figaro.h \
	    $(addprefix share/man/man1/,$(notdir $(MAN1))) $(addprefix share/man/man3/,$(notdir $(MAN3))))

$(BUILD)/bench-micro: $(BENCH_OBJ) $(LIB_OBJ)
	$(CC) $(LDFLAGS) $^ $(LIB_LIBS) $(BENCH_LIBS) -o $@

.PHONY: bench-micro
bench-micro: deps ## measures the engine's parts; JSON in build/bench-micro.json (BENCHFLAGS=--help for options)
	@$(MAKE) --no-print-directory $(BUILD)/bench-micro
	$(BUILD)/bench-micro $(BENCHFLAGS) > $(BUILD)/bench-micro.json


$(BUILD)/figaro-bench: $(MATCH_OBJ) $(LIB_OBJ) $(filter-out %/main.o,$(TOOL_OBJ))
	$(CC) $(LDFLAGS) $^ $(LIB_LIBS) $(TOOL_LIBS) $(MATCH_LIBS) -o $@

# $(call run_bench,PLAN,COMMAND): runs it, and makes table and plots of its results.
define run_bench
@$(MAKE) --no-print-directory $(BUILD)/figaro-bench
$(BUILD)/figaro-bench run $(1) --directory $(BUILD)/bench --command 'make $(2)' $(BENCHFLAGS)
@bench/plot/draw.sh $(BUILD)/figaro-bench $(BUILD)/bench/results.json $(BUILD)/bench
endef

.PHONY: bench-quick
bench-quick: bench-deps ## Figaro beside SQLite, PostgreSQL and Redis at 1,000,000 rows, 90 s once bases are prepared; build/bench
	$(call run_bench,quick,bench-quick)

.PHONY: bench
bench: bench-deps ## the same in full at 10,000 to 1,000,000 rows, 15 minutes; results.json, table and plots in build/bench
	$(call run_bench,bench,bench)

.PHONY: bench-full
bench-full: bench-deps ## the same at 10,000,000 rows, too, with progress shown
	$(call run_bench,full,bench-full)

.PHONY: bench-compare
bench-compare: bench-deps ## OLD=results.json NEW=results.json: what got slower beyond noise
	@$(MAKE) --no-print-directory $(BUILD)/figaro-bench
	@$(BUILD)/figaro-bench compare $(OLD) $(NEW)

.PHONY: format
format: ## lays out every source file as .clang-format says
	clang-format -i $(wildcard engine/*.h engine/*/*.[ch] storage/*.[ch] tools/*.[ch] tests/*.[ch] tests/*/*.[ch] bench/*.[ch] bench/*/*.[ch])

.PHONY: clean
clean: ## removes build/
	rm -rf build

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

-include $(patsubst %.o,%.d,$(LIB_OBJ) $(TOOL_OBJ) $(TEST_OBJ) $(FUZZ_OBJ) $(BENCH_OBJ) $(MATCH_OBJ))

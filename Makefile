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
TOOL_LIBS  := -ljansson -lmd -lz
TEST_LIBS  := -lcriterion

CORE_SRC    := $(wildcard engine/core/*.c)
RUNTIME_SRC := $(wildcard engine/runtime/*.c)
STORAGE_SRC := $(wildcard storage/*.c)
LIB_SRC     := $(CORE_SRC) $(RUNTIME_SRC) $(STORAGE_SRC)
TOOL_SRC    := $(wildcard tools/*.c)
TEST_SRC    := $(wildcard tests/*.c tests/*/*.c)
BENCH_SRC   := $(wildcard bench/*.c)

LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
TOOL_OBJ  := $(TOOL_SRC:%.c=$(BUILD)/obj/%.o)
TEST_OBJ  := $(TEST_SRC:%.c=$(BUILD)/obj/%.o)
BENCH_OBJ := $(BENCH_SRC:%.c=$(BUILD)/obj/%.o)

PACKAGES := gcc clang make pkg-config liblmdb-dev libxxhash-dev libjansson-dev libmd-dev zlib1g-dev \
            libcriterion-dev

.DEFAULT_GOAL := all
.PHONY: all
all: $(BUILD)/libfigaro.so $(BUILD)/libfigaro.a $(BUILD)/figaro ## the libraries and the command, in build/

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(FLAGS) -c $< -o $@

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

$(BUILD)/figaro-test: $(TEST_OBJ) $(LIB_OBJ) $(filter-out %/main.o,$(TOOL_OBJ))
	$(CC) $(LDFLAGS) $^ $(LIB_LIBS) $(TOOL_LIBS) $(TEST_LIBS) -o $@

.PHONY: deps
deps: ## installs the Debian packages that building and testing need
	@missing=""; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	    sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	    $$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $$missing; \
	fi

.PHONY: test
test: deps ## installs what is missing, builds, runs every test of the budget
	@$(MAKE) --no-print-directory all $(BUILD)/figaro-test
	FIGARO=$(abspath $(BUILD)/figaro) FIGARO_SEEDS=$(SEEDS) $(BUILD)/figaro-test $(TESTFLAGS)

.PHONY: check
check: deps ## the tests under the address, undefined-behaviour and thread sanitizers, structure checkers on
	@$(MAKE) --no-print-directory BUILD=build/asan SANITIZE=address,undefined SEEDS=100 test
	@$(MAKE) --no-print-directory BUILD=build/tsan SANITIZE=thread SEEDS=20 test

.PHONY: format
format: ## lays out every source file as .clang-format says
	clang-format -i $(wildcard engine/*.h engine/*/*.[ch] storage/*.[ch] tools/*.[ch] tests/*.[ch] tests/*/*.[ch] bench/*.[ch])

.PHONY: clean
clean: ## removes build/
	rm -rf build

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

-include $(LIB_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(BENCH_OBJ:.o=.d)

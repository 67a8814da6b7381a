# weir: every source file is found by wildcard; a new file needs no edit here.
#   make            build/weir and build/weir-local        make run     install what is missing, build, demo lake, console
#   make test       unit, data, api, screen, layer tests   make peers   against clients and servers nobody here wrote
#   make asan       the same tests under ASan + UBSan      make bench   measured figures      make fmt  clang-format
SHELL   := /bin/bash
BUILD   ?= build
CC      ?= gcc
prefix  ?= /usr/local
PKGS    := ncursesw readline libcurl libcrypto jansson expat libmicrohttpd sqlite3 inih zlib libpcre2-8
WARN    := -std=gnu17 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
HARDEN  := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CPPFLAGS += -D_GNU_SOURCE -I. -I$(BUILD)/gen $(if $(wildcard build/engine/duckdb.h),-isystem build/engine)
# `make deps` may have to run first: without pkg-config these stay empty until then
CFLAGS   ?= $(HARDEN)
CFLAGS_ALL = $(WARN) $(CFLAGS) $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS  ?= -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LDLIBS    = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -lpthread -ldl

MAINS    := tui/main.c backend/local/main.c
LIB_SRC  := $(filter-out $(MAINS),$(wildcard backend/*/*.c backend/*/*/*.c tui/*.c tui/*/*.c))
LIB_OBJ  := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/shipped.o
LIB      := $(BUILD)/libweir.a
PROGRAMS := $(BUILD)/weir $(BUILD)/weir-local
SHIPPED  := $(wildcard themes/*.theme keymaps/*.keys)
TESTLIB_SRC := $(wildcard tests/lib/*.c)
TESTLIB_OBJ := $(TESTLIB_SRC:%.c=$(BUILD)/obj/%.o)
test_bins = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/$(1)/*.c))

.PHONY: all run deps test unit unit-build test-build peers peers-trino asan asan-unit bench fuzz fmt fmt-check install man clean
all: $(PROGRAMS)

$(BUILD)/weir: $(BUILD)/obj/tui/main.o $(LIB)
	$(CC) $(LDFLAGS) $(SANITIZE) -o $@ $^ $(LDLIBS)
$(BUILD)/weir-local: $(BUILD)/obj/backend/local/main.o $(LIB)
	$(CC) $(LDFLAGS) $(SANITIZE) -o $@ $^ $(LDLIBS)
$(LIB): $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^
$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(SANITIZE) -MMD -MP -c -o $@ $<
# the macro only lets compiler caches tell a build with the engine's header from one without
# and a header that came later makes them anew
$(filter $(BUILD)/obj/backend/sql/duck%,$(LIB_OBJ)): $(wildcard build/engine/duckdb.h)
$(BUILD)/obj/backend/sql/duck%.o: CPPFLAGS += $(if $(wildcard build/engine/duckdb.h),-DWEIR_WITH_ENGINE)
$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
# the themes and keymaps that ship are compiled in from the same files (tui/shipped.h)
$(BUILD)/gen/shipped.c: tools/embed $(SHIPPED)
	@mkdir -p $(@D)
	tools/embed $(SHIPPED) > $@.tmp && mv $@.tmp $@

# a library: a test that stands in for a function links only the helpers it uses
$(BUILD)/libtests.a: $(TESTLIB_OBJ)
	rm -f $@ && ar rcs $@ $^
$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(BUILD)/libtests.a $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(SANITIZE) -o $@ $(filter %.o %.a,$^) $(LDLIBS) -lcmocka -lvterm -lutil
.PRECIOUS: $(BUILD)/obj/%.o
.SECONDARY:

UNIT   = $(call test_bins,unit)
TESTS  = $(UNIT) $(call test_bins,api) $(call test_bins,screen)
unit-build: all $(UNIT)
test-build: all $(TESTS)
unit: unit-build
	@tests/run $(UNIT) tests/layers.sh
test: deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD) test-build
	@BUILD=$(BUILD) tests/run $(TESTS) tests/layers.sh $(wildcard tests/e2e/*.sh)
peers: deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD) all $(call test_bins,peers)
	@BUILD=$(BUILD) tests/peers/run
peers-trino: # Athena's dialect against a Trino server; about 1 GB under build/
	@tests/peers/trino/run
SAN := BUILD=build-asan SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=undefined" CFLAGS="-O1 -g -fno-omit-frame-pointer -fPIE"
asan: deps
	@$(MAKE) --no-print-directory $(SAN) test
asan-unit:
	@$(MAKE) --no-print-directory $(SAN) unit
fuzz:
	@tests/fuzz/run
bench: all
	@BUILD=$(BUILD) tests/bench/run
run:
	@tools/deps run
	@tools/engine
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@$(BUILD)/weir run
deps:
	@tools/deps build
	@tools/engine
fmt:
	clang-format -i $$(git ls-files '*.c' '*.h')
fmt-check:
	clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')
man: $(BUILD)/weir
	@mkdir -p $(BUILD)/man && for p in weir weir-local; do $(BUILD)/weir man $$p > $(BUILD)/man/$$p.1; done
install: all man
	install -Dm755 -t $(DESTDIR)$(prefix)/bin $(PROGRAMS)
	install -Dm644 -t $(DESTDIR)$(prefix)/share/man/man1 $(BUILD)/man/weir.1 $(BUILD)/man/weir-local.1
	install -Dm644 -t $(DESTDIR)$(prefix)/share/weir/themes themes/*.theme
	install -Dm644 -t $(DESTDIR)$(prefix)/share/weir/keymaps keymaps/*.keys
	$(BUILD)/weir completion bash > $(BUILD)/weir.bash
	install -Dm644 $(BUILD)/weir.bash $(DESTDIR)$(prefix)/share/bash-completion/completions/weir
	[ ! -e build/engine/libduckdb.so ] || install -Dm644 -t $(DESTDIR)$(prefix)/lib/weir build/engine/libduckdb.so build/engine/LICENSE
clean:
	rm -rf build build-asan build-clang build-fuzz
-include $(LIB_OBJ:.o=.d) $(MAINS:%.c=$(BUILD)/obj/%.d) $(wildcard $(BUILD)/obj/tests/*/*.d)

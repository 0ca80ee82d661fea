# Cordon's build. `make help` lists the targets.
VERSION  := 0.1.0
PREFIX   ?= /usr
DESTDIR  ?=
VARIANT  ?= release
WERROR   ?= -Werror

OUT := build/$(VARIANT)
Q   := $(if $(V),,@)
say  = @printf '  %-5s %s\n' $(1) $(2)
# Contract: the release programs stand in build/ itself, other variants beside their objects.
BIN := $(if $(filter release,$(VARIANT)),build,$(OUT))

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast \
            -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough -Wvla $(WERROR)
GCC_WARNINGS := -Wuseless-cast -Wduplicated-cond -Wlogical-op
HARDEN   := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE -D_GLIBCXX_ASSERTIONS

FLAGS_release  := -O2 -g1 -D_FORTIFY_SOURCE=2 $(HARDEN)
FLAGS_debug    := -O0 -g3 $(HARDEN)
FLAGS_asan     := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# The sanitizer's instrumentation makes g++ 12 see uninitialised values where there are none.
FLAGS_tsan     := -O1 -g1 -fsanitize=thread -Wno-maybe-uninitialized
FLAGS_coverage := -O0 -g1 --coverage
FLAGS_fuzz     := -O1 -g1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined
LINK_release   := -pie -Wl,-z,relro,-z,now
LINK_debug     := -pie
LINK_asan      := -fsanitize=address,undefined
LINK_tsan      := -fsanitize=thread
LINK_coverage  := --coverage
LINK_fuzz      := -fsanitize=fuzzer,address,undefined

CPPFLAGS_ALL := -I. -I$(OUT) -DCORDON_VERSION='"$(VERSION)"' -DCORDON_LIBEXECDIR='"$(PREFIX)/libexec/cordon"' \
                -DCORDON_DATADIR='"$(PREFIX)/share/cordon"' -DPCRE2_CODE_UNIT_WIDTH=8 $(CPPFLAGS)
CXXFLAGS_ALL := -std=c++20 -pthread $(WARNINGS) $(if $(findstring clang,$(CXX)),,$(GCC_WARNINGS)) $(FLAGS_$(VARIANT)) $(CXXFLAGS)
LDFLAGS_ALL  := -pthread -Wl,--as-needed $(LINK_$(VARIANT)) $(LDFLAGS)

# Sanitized tests are compiled far more often than run: twice as fast without optimisation. (private, or
# the list of flags below, a prerequisite, would inherit it.)
build/asan/tests/%.o: private CXXFLAGS_ALL += -O0

SOURCES := $(sort $(wildcard conf/*.cc conf/*/*.cc scoring/*/*.cc quarantine/*/*.cc milter/*.cc))
MAINS   := $(foreach f,$(SOURCES),$(if $(filter cordon%,$(notdir $(f))),$(f)))
FUZZERS := $(sort $(wildcard tests/fuzz/*_fuzz.cc))
TESTS   := $(sort $(wildcard tests/conf/*.cc tests/conf/*/*.cc tests/scoring/*/*.cc tests/quarantine/*/*.cc tests/milter/*.cc tests/support/*.cc))
objects  = $(patsubst %.cc,$(OUT)/%.o,$(1))

# cordon_milter.cc -> cordon-milter
programs = $(foreach f,$(1),$(BIN)/$(subst _,-,$(basename $(notdir $(f)))))
PROGRAMS := $(call programs,$(MAINS))

BASE_LIBS           := -lfmt -lssl -lcrypto -lidn2
LIBS_cordond        := $(BASE_LIBS) -lboost_program_options
LOOKUP_LIBS         := -lcares -lpsl
LIBS_cordon-milter  := $(BASE_LIBS) -lboost_program_options -lmilter $(LOOKUP_LIBS)
LIBS_cordon-keeper  := $(BASE_LIBS) -lboost_program_options -lsqlite3 -lhiredis
PICTURE_LIBS        := -lzbar -lpng16 -lturbojpeg
LIBS_cordon-scanner := $(BASE_LIBS) -lboost_program_options -lpcre2-8 -lpsl -licuuc -licui18n -lseccomp -larchive -lz $(PICTURE_LIBS)
LIBS_cordon-antivirus := $(LIBS_cordon-scanner) -lclamav
LIBS_cordon-review  := $(BASE_LIBS) -lboost_program_options
LIBS_cordon         := $(BASE_LIBS) -lboost_program_options -lsqlite3 $(LOOKUP_LIBS)
LIBS_tests          := -lgmock -lgtest $(LIBS_cordon-antivirus) $(LIBS_cordon-keeper) $(LOOKUP_LIBS)

all: $(PROGRAMS)

# Objects follow the flags, not every edit of this file.
$(OUT)/flags.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CXX) $(subst ','\'',$(CPPFLAGS_ALL) $(CXXFLAGS_ALL))' > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(OUT)/%.o: %.cc $(OUT)/flags.list | $(OUT)/checks.inc $(OUT)/commands.inc
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)$(CXX) $(CPPFLAGS_ALL) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

# One CHECK(stem) line for each family of scoring/checks, one COMMAND(stem) line for each command of
# quarantine/ctl; rewritten only when the list changes.
stems = $(basename $(notdir $(sort $(1))))
$(OUT)/checks.inc: FORCE
	@mkdir -p $(@D)
	@printf 'CHECK(%s)\n' $(call stems,$(filter-out %/all_checks.cc,$(wildcard scoring/checks/*.cc))) > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(OUT)/commands.inc: FORCE
	@mkdir -p $(@D)
	@printf 'COMMAND(%s)\n' $(patsubst %_command,%,$(call stems,$(wildcard quarantine/ctl/*_command.cc))) > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# A file that comes or goes changes no object that is there: the list itself is a prerequisite.
$(OUT)/sources.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(SOURCES) > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(OUT)/libcordon.a: $(call objects,$(filter-out $(MAINS),$(SOURCES))) $(OUT)/sources.list
	@rm -f $@
	@$(AR) rcs $@ $(filter %.o,$^)

define program_rule
$(call programs,$(1)): $(call objects,$(1)) $(OUT)/libcordon.a
	@mkdir -p $(OUT)/maps
	$$(call say,LINK,$$@)
	$$(Q)$$(CXX) $$(LDFLAGS_ALL) -Wl,-Map=$(OUT)/maps/$$(@F).map -o $$@ $$^ $$(LIBS_$$(@F))
endef
$(foreach f,$(MAINS),$(eval $(call program_rule,$(f))))

unit_tests: $(OUT)/unit_tests
$(OUT)/unit_tests: $(call objects,$(TESTS)) $(OUT)/libcordon.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_tests)

# Each fuzz target is a program: under libFuzzer (VARIANT=fuzz), else a replay of the files it is given.
FUZZ_MAIN = $(if $(filter fuzz,$(VARIANT)),,$(OUT)/tests/fuzz/replay.o)
$(OUT)/fuzz/%: $(OUT)/tests/fuzz/%.o $(OUT)/libcordon.a $(OUT)/tests/fuzz/replay.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $< $(FUZZ_MAIN) $(OUT)/libcordon.a $(LIBS_tests)
fuzzers: $(patsubst tests/fuzz/%.cc,$(OUT)/fuzz/%,$(FUZZERS))

# Programs of the longer measurements (tests/figures, tests/system).
FIGURE_PARTS := $(call objects,tests/support/flips.cc tests/support/signed_text.cc tests/support/signer.cc tests/support/temporary_directory.cc)
$(OUT)/figures/%: $(OUT)/tests/figures/%.o $(FIGURE_PARTS) $(OUT)/libcordon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_tests)

MAN_SOURCES := $(wildcard docs/man/*.[158] docs/man/*.in)
MANUALS     := $(addprefix build/man/,$(notdir $(MAN_SOURCES:.in=)))
build/man/%: docs/man/%
	@mkdir -p $(@D)
	@cp $< $@
# The tables of options and rules in the manual are those of the programs.
build/man/cordon.conf.5: docs/man/cordon.conf.5.in $(PROGRAMS)
	@mkdir -p $(@D)
	@$(BIN)/cordon config manual > $@.table
	@sed -e '/^@OPTIONS@$$/{r $@.table' -e 'd}' $< > $@ && rm $@.table
build/man/cordon-rules.5: docs/man/cordon-rules.5.in $(PROGRAMS) $(wildcard conf/rules/*.rules)
	@mkdir -p $(@D)
	@$(BIN)/cordon rules --mdoc --config conf/cordon.conf > $@.table
	@sed -e '/^@RULES@$$/{r $@.table' -e 'd}' $< > $@ && rm $@.table
build/man/cordon-milter.8: docs/man/cordon-milter.8.in $(PROGRAMS)
	@mkdir -p $(@D)
	@$(BIN)/cordon config metrics > $@.table
	@sed -e '/^@METRICS@$$/{r $@.table' -e 'd}' $< > $@ && rm $@.table
man: $(MANUALS)

# ---- what people and CI call ----

## deps: install the Debian packages that build, demo and tests need (as root; no service is started)
deps:
	tests/install_packages.sh build test
	tests/system/fetch_servers.sh build/servers

# Installs only when something is missing, so that demo and check do everything on a fresh machine.
build/.deps: tests/packages tests/install_packages.sh tests/system/fetch_servers.sh
	$(MAKE) --no-print-directory deps
	@touch $@

## demo: private Postfix, Dovecot and Cordon on loopback, real sample mail, and what became of it
demo: build/.deps
	$(MAKE) --no-print-directory all
	tests/system/demo.py

## check: build and run all tests
check: build/.deps
	tests/check.py

## unit: only the unit tests, under AddressSanitizer and UBSan as in check
unit: build/.deps
	$(MAKE) --no-print-directory VARIANT=asan unit_tests
	build/asan/unit_tests --gtest_brief=1

## bench: the figures, side by side with a null milter in one run
bench: build/.deps
	$(MAKE) --no-print-directory all
	tests/bench/bench.py

## fuzz: each parser under libFuzzer; T=mime one of them, SECONDS=60 for how long
SECONDS ?= 60
T       ?=
fuzz:
	tests/install_packages.sh build deep
	$(MAKE) --no-print-directory VARIANT=fuzz CXX=clang++ WERROR= fuzzers
	tests/fuzz/run.sh $(SECONDS) $(T)

## deep: thread sanitizer, clang-tidy, cppcheck, coverage, fuzzing
deep: build/.deps
	tests/install_packages.sh deep
	tests/deep.sh $(SECONDS)

## soak: long runs: damaged messages in bulk, kills, reloads, forgeries, bad IMAP servers
soak: build/.deps
	$(MAKE) --no-print-directory all
	tests/system/mutations.py --count 100000
	tests/system/soak.py
	tests/system/kill_random.py 2000
	tests/system/kill_figures.py
	tests/system/imap_figures.py 1000
	tests/system/forgeries.py --count 500

## format: lay out the sources
format:
	clang-format -i $(shell git ls-files '*.cc' '*.h')

## install: programs, rules, manuals and a sample configuration below DESTDIR
install: all man
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/cordon
	install -m 755 $(BIN)/cordond $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(BIN)/cordon $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(filter-out $(BIN)/cordond $(BIN)/cordon,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/libexec/cordon/
	install -d $(DESTDIR)$(PREFIX)/share/cordon/rules $(DESTDIR)/etc/cordon/rules
	install -m 644 conf/rules/*.rules $(DESTDIR)$(PREFIX)/share/cordon/rules/
	install -m 644 conf/cordon.conf $(DESTDIR)/etc/cordon/cordon.conf.sample
	[ -e $(DESTDIR)/etc/cordon/dnsbl.conf ] || install -m 644 conf/dnsbl.conf $(DESTDIR)/etc/cordon/dnsbl.conf
	[ -e $(DESTDIR)/etc/cordon/cordon.conf ] || install -m 640 conf/cordon.conf $(DESTDIR)/etc/cordon/cordon.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/cordon README.md CHANGELOG.md COPYING docs/*.md conf/prometheus/cordon.alerts.yml
	install -D -m 644 conf/bash-completion/cordon $(DESTDIR)$(PREFIX)/share/bash-completion/completions/cordon
	for page in $(notdir $(MANUALS)); do \
	    install -D -m 644 build/man/$$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page || exit 1; done

## deb: the Debian package, build/cordon-milter_VERSION_ARCH.deb, checked by lintian
deb: build/.deps
	tests/install_packages.sh package
	tests/package/build.sh build

## package-test: install, upgrade, remove and purge the package in a throw-away root (needs a mirror)
package-test: deb
	tests/package/test.sh build

## clean: remove what was built (the unpacked mail servers stay)
clean:
	rm -rf build/release build/debug build/asan build/tsan build/coverage build/fuzz build/man build/cordon*

## help: this list
help:
	@sed -n 's/^## \([a-z]*\): /  \1\t/p' $(MAKEFILE_LIST) | expand -t 12

ALL_OBJECTS := $(call objects,$(SOURCES) $(TESTS) $(FUZZERS) tests/fuzz/replay.cc $(wildcard tests/figures/*.cc))
-include $(ALL_OBJECTS:.o=.d)

FORCE:
.PHONY: deb package-test all unit_tests fuzzers man deps demo check unit bench fuzz deep soak format install clean help FORCE
.SECONDARY:

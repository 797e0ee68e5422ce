# hertzd. `make demo`, test, check, fuzz, curves and tolerance install the packages that they miss and
# say which (.ci/setup); `make` alone says what to install.
#
#   make            build/hertzd and build/hertzctl        make SAN=asan|tsan   sanitized, in build/SAN
#   make test       the tests; make test-sanitized    under ASan, UBSan and TSan, and a short fuzz
#   make test-all   both, as CI does
#   make check      format, warnings, include rules          make mutants           shows that the tests notice faults
#   make soak       long runs on the virtual dongle   make sandboxed  the tests from outside under the unit's filter of calls
#   make installed  the package on a fresh Debian under systemd: install, upgrade, remove, purge (docs/packages.md)
#   make hubs       stations, a JetStream cluster, hubs, and what breaks (docs/scaling.md)
#   make bench      ns per sample, latency, beside others (docs/performance.md)     make fuzz FUZZ_S=30  each libFuzzer target for 30 s
#   make web        web/dist from web/src (npm); `make` does not need it
#   make sensors-proof   no message of a sensor in noise or of other protocols
#   make curves     yield over SNR beside other decoders: docs/hearing.md (CURVES_QUICK=1: a smoke run)
#   make tolerance  transmitters that are off, beside other decoders (TOLERANCE_QUICK=1: a short run)
#   make arm64, armhf    a build for ARM64, for 32 bits, and its unit tests under qemu-user
#   make deb        a Debian package; make deb-arm64, deb-armhf: for ARM
#   make install DESTDIR= PREFIX=/usr/local                make FFT=kiss           without FFTW

PREFIX  ?= /usr/local
SAN     ?=
FFT     ?=
CROSS   ?=
FUZZ_S  ?= 10
DEMO_S  ?=
VERSION := 0.1.0

# Objects are in O, programs in B: without FFTW only dsp/fft.c is compiled in another way.
# TOOL: what the names of a cross compiler and of its pkg-config begin with; those of .ci/setup arm64
# and armhf count before installed ones.
UNPACKED := $(if $(CROSS),$(addprefix $(CURDIR)/,$(dir $(wildcard build/arm*/bin/$(CROSS)-gcc))))
TOOL := $(if $(CROSS),$(UNPACKED)$(CROSS)-)
O  := build$(if $(CROSS),/$(CROSS))$(if $(SAN),/$(SAN))
B  := $(O)$(if $(FFT),/$(FFT))
ifeq ($(origin CC),default)
  CC := $(TOOL)gcc
endif
PKG_CONFIG := $(TOOL)pkg-config
Q := $(if $(V),,@)
# KISS FFT always; FFTW for the wide transforms where it is there and not left out by FFT=kiss.
FFTW      := $(if $(filter kiss,$(FFT)),,$(shell $(PKG_CONFIG) --exists fftw3f 2>/dev/null && echo fftw3f))
PKGS      := libuv libcjson inih libsystemd libusb-1.0 librtlsdr SoapySDR kissfft-float opus ogg libcurl \
  libmosquitto libnats libssl libcrypto libzstd zlib $(FFTW)
# Files over 2 GB and times after 2038 on 32 bits too.
CPPFLAGS  += -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DHZ_VERSION='"$(VERSION)"'
WARN      := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes
BASE      := -std=c17 -g $(WARN) -MMD -MP -fno-math-errno -ffp-contract=off
LDFLAGS   += -Wl,--as-needed
LDLIBS    := -lm -lpthread -lwslay
# A sanitized hertzd is many times slower: it may take longer to stop.
ifneq ($(SAN),)
  CPPFLAGS += -DHZ_STOP_MS=15000
endif
ifeq ($(SAN),asan)
  BASE    += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
  LDFLAGS += -fsanitize=address,undefined
else ifeq ($(SAN),tsan)
  BASE    += -fsanitize=thread -fno-omit-frame-pointer
  LDFLAGS += -fsanitize=thread
else
  CPPFLAGS += -D_FORTIFY_SOURCE=2
  BASE     += -fstack-protector-strong -fPIE
  LDFLAGS  += -pie -Wl,-z,relro,-z,now
endif
# gcc 12 vectorises loops at -O3 only; at -O2 the sample loops cost five times as much. What
# touches samples is built with it, the rest with -O2. The baseline stays portable: wider vectors
# come from function multiversioning in the sources. With sanitizers more takes longer to compile than it saves.
OPT_HOT  := $(if $(SAN),-O2,-O3) -fno-trapping-math
OPT_COLD := $(if $(SAN),-O1,-O2)

sources   = $(sort $(shell find $(1) -name '*.c'))
HOT_SRC  := $(call sources,dsp proto sim)
CTL_SRC  := $(call sources,ctl)
# What hertzd and hertzctl share: words for wrong options, a message as a line of text, a file written whole, and the
# client of the control socket.
SHARED_SRC := ctl/option.c ctl/msgline.c ctl/client.c ctl/change.c ctl/save.c
COLD_SRC := $(call sources,config daemon) $(SHARED_SRC) build/sensors.c
UNIT_SRC := $(wildcard tests/unit/*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard bench/bench_*.c)
CURVE_SRC := $(wildcard bench/curves/*.c)

fft = $(patsubst %/fft.o,%/fft$(if $(FFT),-$(FFT)).o,$(1))
obj = $(call fft,$(patsubst %.c,$(O)/obj/%.o,$(1)))
PURE_OBJ := $(call obj,$(HOT_SRC))
LIB_OBJ  := $(PURE_OBJ) $(call obj,$(filter-out daemon/cmd/main.c,$(COLD_SRC)))

.PHONY: man deb hubs all demo test test-sanitized test-all unit e2e soak sandboxed installed installed-arm64 installed-armhf nats-trial check mutants bench bench-table arm64 armhf deb-arm64 deb-armhf curves tolerance sensors-proof fuzz install uninstall objects clean unit-bin fuzz-bin web
.PHONY: $(addprefix run-,demo test test-sanitized test-all check fuzz curves tolerance)
all: $(B)/hertzd $(B)/hertzctl
# Programs of a build without FFTW are in a folder that holds no objects.
$(B)/hertzd $(B)/hertzctl $(B)/unit $(B)/scene: | $(B)
$(B):
	@mkdir -p $@

# Packages first, the rest in a make of its own, so that pkg-config finds what was installed.
demo: PACKAGES := build
test curves tolerance: PACKAGES := test peers
test-sanitized: PACKAGES := test peers fuzz
test-all: PACKAGES := test peers check fuzz
check: PACKAGES := check
fuzz: PACKAGES := fuzz
demo test test-sanitized test-all check fuzz curves tolerance:
	@.ci/setup $(PACKAGES)
	@$(MAKE) --no-print-directory run-$@
# The programs of .ci/setup peers, behind those that are installed.
export PATH := $(PATH):$(CURDIR)/build/peers/bin

# Without the packages nothing is compiled, and one line says what to type.
define NEED_PACKAGES
packages are missing. On Debian 12:

    $(or $(shell .ci/setup --need build),(all are installed, yet pkg-config does not find one of $(PKGS)))

elsewhere what these hold; or `make demo`, which installs them

endef
HAVE_PACKAGES := command -v $(firstword $(CC)) >/dev/null && $(PKG_CONFIG) --exists $(PKGS) 2>/dev/null && echo yes
PKG_CFLAGS = $(if $(shell $(HAVE_PACKAGES)),,$(error $(NEED_PACKAGES)))$\
  $(eval PKG_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(if $(shell $(HAVE_PACKAGES)),,$(error $(NEED_PACKAGES)))$\
  $(eval PKG_LIBS := $$(shell $(PKG_CONFIG) --libs $(PKGS)))$(PKG_LIBS)

define compile
	@mkdir -p $(@D)
	$(if $(V),,@echo CC $<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(BASE) $(OPT) $(CFLAGS) -c -o $@ $<
endef
$(PURE_OBJ) $(call obj,$(CURVE_SRC)): OPT := $(OPT_HOT)
$(O)/obj/%.o: OPT ?= $(OPT_COLD)
$(O)/obj/%.o: %.c
	$(compile)
$(O)/obj/dsp/fft-%.o: dsp/fft.c
	$(compile)
$(call obj,dsp/fft.c): CPPFLAGS += $(if $(FFTW),-DHZ_FFTW)

# The files of the page in the program: as they are, packed, and a tag that changes with each.
WEB_FILES := $(patsubst web/dist/%,%,$(wildcard web/dist/*))
WEB_MADE  := $(foreach f,$(WEB_FILES),build/web/$(f).gz build/web/$(f).tag)
build/web/%.gz: web/dist/%
	@mkdir -p $(@D)
	$(Q)gzip -9nc $< >$@
build/web/%.tag: web/dist/%
	@mkdir -p $(@D)
	$(Q)sha256sum $< | cut -c 1-16 | tr -d '\n' >$@
$(call obj,daemon/serve/page.c) build/fuzz/obj/daemon/serve/page.o: $(addprefix web/dist/,$(WEB_FILES)) $(WEB_MADE)

# The declarations of sensors in the program: a table of the files, each as it is.
SENSOR_CONF := $(sort $(wildcard config/sensors/*.conf))
build/sensors.c: $(SENSOR_CONF) Makefile
	@mkdir -p $(@D)
	$(Q){ echo '#include "config/sensors.h"'; i=0; \
	  for f in $(SENSOR_CONF); do i=$$((i + 1)); echo "HZ_SENSORS_EMBED($$i, \"$$f\")"; done; \
	  echo 'const struct hz_sensors_file hz_sensors_files[] = {'; i=0; \
	  for f in $(SENSOR_CONF); do i=$$((i + 1)); echo "    {\"$$f\", hz_sensors_$$i, hz_sensors_$${i}_end},"; done; \
	  echo '    {NULL, NULL, NULL},'; echo '};'; } >$@

# The page from its sources: needs npm. What it makes is committed, so that make alone does not.
web: web/node_modules/.package-lock.json
	$(Q)cd web && npm run --silent check && npm run --silent build
# Two makes may want it at once: the second one waits, and finds it there.
web/node_modules/.package-lock.json: web/package-lock.json
	@mkdir -p build
	$(Q)flock build/npm.lock sh -c '[ $@ -nt $< ] || { cd web && npm ci --silent --no-audit --no-fund && touch ../$@; }'

$(B)/hertzd: $(call obj,daemon/cmd/main.c) $(LIB_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/hertzctl: $(call obj,$(CTL_SRC) proto/nearest.c config/values.c config/demo.c config/heard.c \
                 ctl/option.c ctl/msgline.c dsp/samples.c)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/unit: $(call obj,$(UNIT_SRC) ctl/scan_look.c ctl/scan_plan.c ctl/band.c ctl/evidence.c ctl/signs.c ctl/verdict.c) $(LIB_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS) $(if $(FORKS),,-lcriterion)
# In an emulator and with sanitizers each test is a fork of the program (tests/tools/unit_forks.c).
FORKS := $(CROSS)$(SAN)
$(B)/unit: $(if $(FORKS),$(call obj,tests/tools/unit_forks.c))
$(B)/scene: $(call obj,tests/tools/scene.c) $(PURE_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/stations: $(call obj,tests/tools/stations.c) $(LIB_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/sensor_pulses: $(call obj,tests/tools/sensor_pulses.c) $(LIB_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/bench_%: $(B)/obj/bench/bench_%.o $(LIB_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# Its transmissions are those of the curves.
$(B)/bench_channel: $(call obj,bench/curves/sent.c)

$(B)/curve_gen: $(call obj,bench/curves/gen.c bench/curves/sent.c) $(PURE_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/sensor_gen: $(call obj,bench/curves/sensor.c) $(PURE_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/broadcast_gen: $(call obj,bench/curves/broadcast.c) $(PURE_OBJ)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)
$(B)/curve_fm: $(call obj,bench/curves/fm.c)
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Each fuzz target with clang's libFuzzer over sources of its own build. What reads messages and text
# has all sanitizers and traces comparisons, so that the fuzzer finds words. What only works on
# samples has AddressSanitizer alone, and dsp/ and sim/ are not traced at all: ten times as many
# executions a second, of which none is kept for how often a loop over samples went around.
FUZZ_CC    ?= clang
FUZZ_BIN   := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(FUZZ_SRC))
FUZZ_LIB   := $(patsubst %.c,build/fuzz/obj/%.o,$(HOT_SRC) $(filter-out daemon/cmd/main.c,$(COLD_SRC)))
FUZZ_LIGHT := $(filter-out $(shell grep -l hz_json $(HOT_SRC)),$(HOT_SRC))
FUZZ_SAN   := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -O1
$(patsubst %.c,build/fuzz/obj/%.o,$(FUZZ_LIGHT)): FUZZ_SAN := \
  -fsanitize=fuzzer-no-link,address -fno-sanitize-coverage=trace-cmp -O2 -fno-trapping-math
$(patsubst %.c,build/fuzz/obj/%.o,$(filter-out proto/%,$(HOT_SRC))): FUZZ_SAN := -fsanitize=address -O2 -fno-trapping-math
build/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo CC $<)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -U_FORTIFY_SOURCE $(PKG_CFLAGS) -std=c17 -g -MMD -MP -fno-math-errno $(FUZZ_SAN) -c -o $@ $<
build/fuzz/lib.a: $(FUZZ_LIB)
	@rm -f $@
	$(Q)ar rcs $@ $^
build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz/fuzz_%.o build/fuzz/lib.a
	$(if $(V),,@echo LD $@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(PKG_LIBS) $(LDLIBS)
build/fuzz/captures: build/fuzz/obj/tests/fuzz/captures.o build/fuzz/lib.a
	$(if $(V),,@echo LD $@)
	$(Q)$(FUZZ_CC) -fsanitize=address,undefined -o $@ $^ $(PKG_LIBS) $(LDLIBS)
fuzz-bin: $(FUZZ_BIN) build/fuzz/captures
# FUZZ: only these, as "decoders http".
run-fuzz: fuzz-bin
	@tests/fuzz/run $(FUZZ_S) $(FUZZ)

run-demo: all
	@exec $(B)/hertzd demo $(if $(DEMO_S),--seconds $(DEMO_S))
unit-bin: $(B)/unit
unit: $(B)/unit
	$(B)/unit --quiet
e2e: all $(B)/scene $(B)/stations $(B)/sensor_gen $(B)/sensor_pulses
	/usr/bin/python3 -m pytest -q tests/e2e
run-test:
	@tests/run
run-test-sanitized:
	@tests/run --sanitized
run-test-all:
	@tests/run --all
# What takes minutes: 1,000 times a dongle lost and returned, a day of faults (tests/e2e/test_soak.py),
# ten minutes of sound, a month in service (tests/e2e/test_month.py).
soak: all virtual-dongle
	HZ_SOAK=1 /usr/bin/python3 -m pytest -q -s tests/e2e/test_soak.py
	HZ_SOUND_S=600 /usr/bin/python3 -m pytest -q tests/e2e/test_sound.py
	HZ_DAYS=30 /usr/bin/python3 -m pytest -q -s tests/e2e/test_month.py
# The tests from outside once more, under the filter of system calls that the unit has; needs python3-seccomp.
sandboxed: all $(B)/scene $(B)/stations $(B)/sensor_gen $(B)/sensor_pulses virtual-dongle virtual-radio
	install -D tests/tools/sandboxed build/sandboxed/hertzd
	for i in hertzctl obj scene sensor_pulses; do ln -sfn ../$$i build/sandboxed/$$i; done
	HZ_BIN=build/sandboxed/hertzd /usr/bin/python3 -m pytest -q tests/e2e
# The package on a Debian of its own, from apt install to purge, and how long until the first message; needs root,
# mmdebstrap and the network.
installed: deb virtual-dongle $(B)/scene
	HZ_FIGURES=1 /usr/bin/python3 -m pytest -q -s tests/installed/test_package.py
installed-arm64 installed-armhf: installed-%: all deb-% $(B)/scene
	/usr/bin/python3 -m pytest -q -s tests/installed/test_foreign.py -k $*
# Outputs to a cluster of NATS servers that die: NATS_ROUNDS times, half a minute each.
NATS_ROUNDS ?= 10
nats-trial: all
	HZ_NATS_ROUNDS=$(NATS_ROUNDS) /usr/bin/python3 -m pytest -q -s tests/e2e/test_nats_cluster.py
# Built for ARM64 or for 32 bits (armhf), and the unit tests under qemu-user; all that it needs is unpacked
# into build/arm64 and build/armhf.
TRIPLE_arm64 := aarch64-linux-gnu
TRIPLE_armhf := arm-linux-gnueabihf
arm64 armhf:
	@.ci/setup $@
	@$(MAKE) --no-print-directory CROSS=$(TRIPLE_$@) all unit-bin
	build/$@/bin/qemu-$(word 1,$(subst -, ,$(TRIPLE_$@))) build/$(TRIPLE_$@)/unit $(UNIT)
# HERTZD_BASE=/path/to/hertzd: beside an older build. bench-table: the table of docs/performance.md alone, as Markdown.
bench-table: all $(B)/scene
	@bench/table $(TABLE)
bench: all virtual-dongle $(B)/scene $(B)/sensor_gen $(patsubst bench/%.c,$(B)/%,$(BENCH_SRC))
	@bench/run
# HUBS: only these parts, as "rates failures", or --short. A quarter of an hour.
hubs: all $(B)/scene $(B)/stations
	@bench/hubs $(HUBS)
# CURVES: only these, as "aprs ais"; CURVES_DOCS=1 writes docs/hearing.md as well.
run-curves: all $(B)/curve_gen $(B)/broadcast_gen $(B)/curve_fm $(B)/sensor_gen
	@bench/curves/run $(CURVES)
# TOLERANCE: only these, as "aprs ais"; TOLERANCE_DOCS=1 writes docs/hearing.md as well.
run-tolerance: all $(B)/curve_fm $(B)/sensor_gen
	@bench/tolerance/run $(TOLERANCE)
# SECONDS: of noise, and twice as many for the other scenes together; 600.
sensors-proof: all $(B)/scene
	@bench/sensors $(SECONDS)
run-check:
	@tests/check
# The program broken on purpose, place by place, as tests/mutants says: the tests must notice.
# MUTANTS: only those with one of these words, as "rtl_tcp".
mutants: all unit-bin $(B)/scene $(B)/stations virtual-dongle
	@tests/mutants/run $(MUTANTS)
# Every source, compiled only: what `make check` does with gcc and with clang.
objects: $(call obj,$(HOT_SRC) $(COLD_SRC) $(CTL_SRC) $(UNIT_SRC) $(FUZZ_SRC) tests/fuzz/captures.c $(BENCH_SRC) $(CURVE_SRC))

# A configuration that is there already is left alone.
SYSCONFDIR ?= /etc
D = $(DESTDIR)$(PREFIX)
INSTALLED = $(D)/bin/hertzd $(D)/bin/hertzctl $(D)/lib/systemd/system/hertzd.service \
  $(D)/lib/systemd/system/hertzd.socket $(D)/lib/sysusers.d/hertzd.conf \
  $(D)/lib/tmpfiles.d/hertzd.conf $(D)/lib/modprobe.d/hertzd.conf $(D)/lib/udev/rules.d/60-hertzd.rules \
  $(D)/share/metainfo/hertzd.metainfo.xml \
  $(patsubst config/%,$(D)/share/hertzd/%,$(SENSOR_CONF)) \
  $(addprefix $(D)/share/man/,man1/hertzctl.1 man1/hertzd-decode.1 man5/hertzd.conf.5 man8/hertzd.8) \
  $(addprefix $(D)/share/bash-completion/completions/,hertzd hertzctl) \
  $(addprefix $(D)/share/zsh/vendor-completions/,_hertzd _hertzctl)
install: all
	install -D -t $(D)/bin $(B)/hertzd $(B)/hertzctl
	sed 's,@bindir@,$(PREFIX)/bin,g; s,@sysconfdir@,$(SYSCONFDIR),g' systemd/hertzd.service.in | \
	  install -D -m 644 /dev/stdin $(D)/lib/systemd/system/hertzd.service
	install -m 644 systemd/hertzd.socket $(D)/lib/systemd/system/hertzd.socket
	install -D -m 644 systemd/hertzd.sysusers $(D)/lib/sysusers.d/hertzd.conf
	install -D -m 644 systemd/hertzd.tmpfiles $(D)/lib/tmpfiles.d/hertzd.conf
	install -D -m 644 systemd/hertzd.modprobe $(D)/lib/modprobe.d/hertzd.conf
	install -D -m 644 systemd/hertzd.udev $(D)/lib/udev/rules.d/60-hertzd.rules
	install -D -m 644 -t $(D)/share/hertzd/sensors $(SENSOR_CONF)
	install -D -m 644 -t $(D)/share/metainfo systemd/hertzd.metainfo.xml
	install -D -m 644 -t $(D)/share/man/man1 docs/man/hertzctl.1 docs/man/hertzd-decode.1
	install -D -m 644 -t $(D)/share/man/man5 docs/man/hertzd.conf.5
	install -D -m 644 -t $(D)/share/man/man8 docs/man/hertzd.8
	install -D -m 644 ctl/completion/hertzd.bash $(D)/share/bash-completion/completions/hertzd
	install -D -m 644 ctl/completion/hertzctl.bash $(D)/share/bash-completion/completions/hertzctl
	install -D -m 644 -t $(D)/share/zsh/vendor-completions ctl/completion/_hertzd ctl/completion/_hertzctl
	install -D -m 644 -t $(D)/share/doc/hertzd README.md docs/*.md web/dist/NOTICES.txt
	install -D -m 644 -t $(D)/share/doc/hertzd/prometheus docs/prometheus/*
	[ -e $(DESTDIR)$(SYSCONFDIR)/hertzd/hertzd.conf ] || \
	  install -D -m 644 config/hertzd.conf $(DESTDIR)$(SYSCONFDIR)/hertzd/hertzd.conf
	@[ -n "$(DESTDIR)" ] || if systemctl -q is-active hertzd.service 2>/dev/null; then \
	  echo "hertzd runs, and goes on with the program from before. To run the new one:"; \
	  echo "  systemctl daemon-reload && systemctl restart hertzd"; \
	else \
	  echo "To start it:"; \
	  echo "  systemd-sysusers; systemd-tmpfiles --create; udevadm control --reload"; \
	  echo "  systemctl daemon-reload; systemctl enable --now hertzd.socket hertzd.service"; \
	fi
uninstall:
	rm -f $(INSTALLED)
	rm -rf $(D)/share/doc/hertzd

# The manual pages, written from the programs' own words; committed.
man: all
	docs/man/make

# A Debian package of what was built, in build/deb; with CROSS in build/CROSS/deb.
deb: all
	systemd/deb $(VERSION) $(O) $(CROSS) $(UNPACKED:%/bin/=%)
deb-arm64 deb-armhf: deb-%:
	@.ci/setup $*
	@$(MAKE) --no-print-directory CROSS=$(TRIPLE_$*) deb

include tests/usb/usb.mk tests/soapy/soapy.mk

clean:
	rm -rf build

# Not those of Debian systems below build: peers, and what make arm64, armhf and installed unpack.
-include $(shell find build \( -name peers -o -name arm64 -o -name armhf -o -name installed \) -prune -o -name '*.d' -type f -print 2>/dev/null)
.SECONDARY:

# The virtual dongle: a libusb-1.0.so.0 for tests (tests/usb/README.md).
USB_SRC := $(wildcard tests/usb/*.c)
USB_OBJ := $(patsubst tests/usb/%.c,$(B)/usb/%.o,$(USB_SRC))

.PHONY: virtual-dongle usb-bin test-usb
virtual-dongle: $(B)/usb/libusb-1.0.so.0 $(B)/scene
$(B)/usb/%.o: tests/usb/%.c
	@mkdir -p $(@D)
	$(if $(V),,@echo CC $<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(BASE) -O2 -fPIC $(CFLAGS) -c -o $@ $<
$(B)/usb/libusb-1.0.so.0: $(USB_OBJ) tests/usb/libusb.map
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(filter -fsanitize=%,$(LDFLAGS)) -shared -Wl,-soname,libusb-1.0.so.0 \
	  -Wl,--version-script=tests/usb/libusb.map -o $@ $(USB_OBJ) -lm -lpthread
# The program the sanitizers look at it with.
$(B)/usb/cycle: $(B)/usb/tools/cycle.o
	$(if $(V),,@echo LD $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(PKG_LIBS) -lpthread
objects: $(USB_OBJ) $(B)/usb/tools/cycle.o

# All that the tests of tests/usb run.
usb-bin: virtual-dongle $(B)/usb/cycle
	@$(MAKE) --no-print-directory SAN=asan build/asan/usb/libusb-1.0.so.0 build/asan/usb/cycle
	@$(MAKE) --no-print-directory SAN=tsan build/tsan/usb/libusb-1.0.so.0 build/tsan/usb/cycle
test-usb: usb-bin
	/usr/bin/python3 -m pytest -q tests/usb

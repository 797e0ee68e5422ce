# The virtual radio: a SoapySDR module for tests (tests/soapy/README.md).
CXX ?= g++
.PHONY: virtual-radio
virtual-radio: build/soapy/radio.so
build/soapy/radio.so: tests/soapy/radio.cpp
	@mkdir -p $(@D)
	$(if $(V),,@echo CXX $<)
	$(Q)$(CXX) -std=c++17 -O2 -g -Wall -Wextra -fPIC -shared -o $@ $< -lSoapySDR

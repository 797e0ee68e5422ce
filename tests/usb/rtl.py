"""The system's librtlsdr by ctypes, for probes.py."""
import ctypes
import os
import threading
import time

from control import Control

LIB = ctypes.CDLL("librtlsdr.so.0")
CALLBACK = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_uint32,
                            ctypes.c_void_p)
POINTER_FIRST = ("close reset_buffer set_center_freq set_sample_rate set_freq_correction "
                 "set_tuner_gain set_tuner_gain_mode set_agc_mode set_direct_sampling "
                 "set_bias_tee set_testmode set_tuner_bandwidth get_tuner_type cancel_async "
                 "get_direct_sampling").split()
for name in POINTER_FIRST:
    f = getattr(LIB, "rtlsdr_" + name)
    f.argtypes = [ctypes.c_void_p] + [ctypes.c_int] * name.startswith("set_")
LIB.rtlsdr_set_center_freq.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
LIB.rtlsdr_read_async.argtypes = [ctypes.c_void_p, CALLBACK, ctypes.c_void_p, ctypes.c_uint32,
                                  ctypes.c_uint32]


class Device:
    """rtlsdr_open and what one does with it; every call returns librtlsdr's own code."""

    def __init__(self, index=0, rate=2400000, freq=100000000):
        self.p = ctypes.c_void_p()
        begin = time.monotonic()
        self.opened = LIB.rtlsdr_open(ctypes.byref(self.p), index)
        self.open_s = time.monotonic() - begin
        self.blocks, self.bytes, self.reads, self.last = 0, 0, None, 0
        self.sizes, self.threads = [], set()
        if self.opened == 0 and self.p and rate:
            self.set_sample_rate(rate)
            self.set_center_freq(freq)

    def __getattr__(self, name):
        f = getattr(LIB, "rtlsdr_" + name)
        return lambda *args: f(self.p, *args)

    def _on_block(self, data, n, _):
        self.blocks += 1
        self.bytes += n
        self.sizes.append(n)
        self.threads.add(threading.get_ident())
        self.last = time.monotonic()
        if self.hook:
            self.hook(data, n)

    def start(self, hook=None, size=65536, count=15):
        """read_async on a thread of its own; self.left is set when it returns, with self.reads."""
        self.hook = hook
        self.callback = CALLBACK(self._on_block)
        self.left = threading.Event()
        self.reset_buffer()

        def run():
            self.reads = LIB.rtlsdr_read_async(self.p, self.callback, None, count, size)
            self.left_at = time.monotonic()
            self.left.set()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def wait_blocks(self, n, seconds=5):
        until = time.monotonic() + seconds
        while self.blocks < n and time.monotonic() < until and not self.left.is_set():
            time.sleep(0.002)
        return self.blocks >= n

    def stop(self, seconds=5):
        """Cancels until it has left; returns seconds it took, or None."""
        begin = time.monotonic()
        while not self.left.is_set() and time.monotonic() < begin + seconds:
            self.cancel_async()
            self.left.wait(0.05)
        return self.left_at - begin if self.left.is_set() else None


def control():
    """The control socket of the dongle that this program runs on."""
    LIB.rtlsdr_get_device_count()  # the bus is made at the first call
    return Control(os.environ["HZ_USB_CONTROL"])

"""Programs of a few lines on the real librtlsdr, run one at a time on the virtual dongle:

    tests/usb/run --control S -- probes.py NAME

prints what came of it as one JSON line. test_librtlsdr.py says what ought to come of it.
"""
import json
import sys
import time

from rtl import LIB, Device, control


def dongle(state, n=0):
    return state["dongles"][n]


def controls(c):
    """How many control transfers the usual calls take."""
    counts, last = {}, dongle(c.state())["controls"]

    def mark(name):
        nonlocal last
        now = dongle(c.state())["controls"]
        counts[name], last = now - last, now

    d = Device(rate=0)
    mark("open")
    d.set_sample_rate(2400000)
    mark("rate")
    d.set_center_freq(162000000)
    mark("freq")
    d.set_tuner_gain_mode(1)
    d.set_tuner_gain(280)
    mark("gain")
    d.close()
    mark("close")
    return dict(counts, state=c.state())


def settings(c):
    """Every setter, and the registers after it."""
    d = Device(rate=0)
    seen = []

    def do(name, *args):
        r = getattr(d, name)(*args)
        seen.append(dict(dongle(c.state()), call=name, args=args, returned=r))

    for rate in (240000, 250000, 1024000, 2048000, 2400000, 3200000):
        do("set_sample_rate", rate)
    for freq in (24000000, 100000000, 162025000, 433920000, 1090000000, 1700000000):
        do("set_center_freq", freq)
    for ppm in (1, 37, -60, 0):
        do("set_freq_correction", ppm)
    for mode, gain in ((1, 0), (1, 77), (1, 280), (1, 496)):
        d.set_tuner_gain_mode(mode)
        do("set_tuner_gain", gain)
    do("set_tuner_gain_mode", 0)
    for name in ("set_agc_mode", "set_bias_tee", "set_testmode"):
        do(name, 1)
        do(name, 0)
    for width in (350000, 1000000, 2000000, 5000000, 8000000):
        do("set_tuner_bandwidth", width)
    do("set_center_freq", 7000000)
    for direct in (1, 2, 0):
        do("set_direct_sampling", direct)
    d.close()
    return seen


def wait_in_flight(c, d, count):
    """Until nothing comes any more of a dongle that has no data, and all transfers wait for some."""
    while True:
        blocks = d.blocks
        time.sleep(0.1)  # one that is full is delivered in this time, which is many long
        if d.blocks == blocks and dongle(c.state())["in_flight"] == count:
            return


def unplug(c):
    """The dongle goes while it streams, with all transfers in flight."""
    d = Device()
    d.start()
    d.wait_blocks(3)
    c.tell("silence 0 on")
    wait_in_flight(c, d, 15)
    begin = time.monotonic()
    c.tell("unplug 0")
    left = d.left.wait(3)
    took = time.monotonic() - begin
    later = d.set_center_freq(101000000)
    begin = time.monotonic()
    closed = d.close()
    return dict(left=left, read_async=d.reads, took_s=took, later=later, close=closed,
                close_s=time.monotonic() - begin, count=LIB.rtlsdr_get_device_count(),
                state=c.state())


def fault(c, command):
    """Transfers go wrong: does read_async return, and does a cancel get through?"""
    d = Device()
    d.start()
    d.wait_blocks(3)
    c.tell(command)
    left = d.left.wait(1)
    blocks = d.blocks
    time.sleep(0.2)  # what is asked is whether a block comes in this time, which is several long
    still = d.blocks > blocks
    took = d.stop(4)
    d.close()
    return dict(left_alone=left, delivers=still, read_async=d.reads, stop_s=took, state=c.state())


def error(c):
    return fault(c, "error 0 15")


def stall(c):
    return fault(c, "stall 0 15")


def refuse(c):
    return fault(c, "refuse 0 15")


def silence(c):
    return fault(c, "silence 0")


def few_errors(c):
    return fault(c, "error 0 14")


def silence_ends(c):
    """A second of nothing, then it goes on where the air is by then."""
    d = Device(rate=240000)
    d.start(size=8192)
    d.wait_blocks(3)
    c.tell("silence 0 on")
    time.sleep(1)  # the silence itself
    before = d.blocks
    c.tell("silence 0 off")
    resumed = d.wait_blocks(before + 3)
    d.stop()
    d.close()
    return dict(resumed=resumed, state=c.state())


def cancel_early(c):
    """A cancel before read_async has begun is lost."""
    d = Device()
    early = d.cancel_async()
    d.start()
    d.wait_blocks(3)
    alone = d.left.wait(0.3)
    first, second = d.cancel_async(), d.cancel_async()
    left = d.left.wait(2)
    d.close()
    return dict(early=early, left_alone=alone, first=first, second=second, left=left,
                read_async=d.reads)


def stop_with(c, command, mend=None):
    d = Device()
    d.start()
    d.wait_blocks(3)
    c.tell(command)
    took = d.stop(2.5)
    if mend:
        c.tell(mend)
    left = d.left.wait(2)
    d.close()
    return dict(stop_s=took, left=left, state=c.state())


def cancel_slow(c):
    """The cancel itself takes 2 s."""
    return stop_with(c, "cancel 0 2000")


def cancel_hangs(c):
    """It never comes back, until the device is mended."""
    return stop_with(c, "cancel 0 hang", "cancel 0 0")


def linger(c):
    """Cancelled transfers stay in flight for 2 s: librtlsdr frees them before."""
    return stop_with(c, "linger 0 2000")


def short(c):
    """Short transfers: shorter blocks, and not a byte lost or twice."""
    d = Device()
    d.set_testmode(1)
    expected = None
    wrong = 0

    def check(data, n):
        nonlocal expected, wrong
        block = bytes(data[:n])
        if n and expected is not None and block[0] != expected:
            wrong += 1
        if n:
            expected = (block[0] + n) % 256

    d.start(check)
    d.wait_blocks(3)
    c.tell("short 0 1000 3")
    d.wait_blocks(30)
    d.stop()
    d.close()
    return dict(wrong=wrong, sizes=sorted(set(d.sizes)), shorts=d.sizes.count(1000),
                state=c.state())


def slow_callback(c, block_ms, transfers):
    d = Device(rate=2048000)
    returns = []  # when

    def callback(data, n):
        time.sleep(block_ms / 1000)
        returns.append(time.monotonic())

    d.start(callback, size=65536, count=transfers)
    d.wait_blocks(1)
    begin = time.monotonic()
    time.sleep(2)
    blocks, took = d.blocks, time.monotonic() - begin
    d.stop()
    d.close()
    return dict(blocks=blocks, seconds=took, bytes=d.bytes, state=c.state(),
                block_s=(returns[-1] - returns[0]) / (len(returns) - 1))


def callback_1ms(c):
    """A block lasts 16 ms: in time, also where the machine lets it wait for much longer."""
    return slow_callback(c, 1, 32)


def callback_60ms(c):
    return slow_callback(c, 60, 6)


def lose(c):
    """Bytes vanish: the counter of test mode jumps by as many."""
    d = Device()
    d.set_testmode(1)
    jumps, expected = [], None

    def check(data, n):
        nonlocal expected
        if expected is not None and data[0] != expected:
            jumps.append((data[0] - expected) % 256)
        expected = (data[n - 1] + 1) % 256

    d.start(check)
    d.wait_blocks(3)
    c.tell("lose 0 1034")
    d.wait_blocks(d.blocks + 20)
    d.stop()
    d.close()
    return dict(jumps=jumps, state=c.state())


def pace(c):
    """Bytes a second with a crystal that is 10000 ppm fast (so that the wait of a block in a busy
    machine does not matter), and a correction."""
    c.tell("crystal 0 10000")
    d = Device(rate=2400000)
    while True:
        seen = []
        late = dongle(c.state())["lost"]["late"]
        d.start(lambda data, n: seen.append((d.last, d.bytes)), size=16384)
        while len(seen) < 2 or seen[-1][0] - seen[0][0] < 4:
            time.sleep(0.1)
        if dongle(c.state())["lost"]["late"] == late:
            break
        d.stop()  # the machine was too busy to read it all: nothing was measured
    # A busy machine makes a block late, never early: of each end the earliest.
    early = [min(part, key=lambda at: at[0] - at[1] / 2 / 2424000) for part in (seen[:len(seen) // 4], seen[-len(seen) // 4:])]
    rate = (early[1][1] - early[0][1]) / (early[1][0] - early[0][0]) / 2
    d.set_freq_correction(200)
    corrected = dongle(c.state())
    d.stop()
    d.close()
    return dict(rate=rate, corrected=corrected)


def open_code(c, *commands):
    for line in commands:
        c.tell(line)
    d = Device()
    # librtlsdr returns 0 with no device where a detach fails
    r = dict(opened=d.opened, device=bool(d.p), state=c.state(), open_s=d.open_s)
    if d.opened == 0 and d.p:
        r["tuner"] = d.get_tuner_type()
        r["direct"] = d.get_direct_sampling()
        d.close()
    r["after"] = c.state()
    return r


def denied(c):
    return open_code(c, "deny 0")


def kernel_driver(c):
    return open_code(c, "driver 0 kernel")


def stuck_driver(c):
    return open_code(c, "driver 0 stuck")


def other_program(c):
    return open_code(c, "driver 0 other")


def second_open(c):
    d = Device()
    r = open_code(c)
    d.close()
    return r


def dead(c):
    return open_code(c, "control 0 dead")


def slow_control(c):
    return open_code(c, "control 0 2")


def no_lock(c):
    c.tell("unlock 0")
    d = Device()
    d.close()
    return dict(opened=d.opened, state=c.state())


def missing_index(c):
    d = Device(index=3)
    return dict(opened=d.opened, state=c.state())


def strings(c):
    """Serials by index, with one moved to another place and one made a duplicate."""
    import ctypes

    def serials():
        out = []
        for i in range(LIB.rtlsdr_get_device_count()):
            text = ctypes.create_string_buffer(256)
            LIB.rtlsdr_get_device_usb_strings(i, None, None, text)
            out.append(text.value.decode())
        return out

    r = [serials()]
    c.tell("unplug 0")
    r.append(serials())
    c.tell("plug 0")
    r.append(serials())
    for line in ("unplug 1", "serial 1 00000001", "plug 1 first"):
        c.tell(line)
    r.append(serials())
    return dict(serials=r, by_serial=LIB.rtlsdr_get_index_by_serial(b"00000001"), state=c.state())


def two(c):
    """Two dongles in one program, one of which goes: the other does not notice."""
    jumps, expected = [], {}

    def check(n):
        def on_block(data, length):
            if expected.get(n, data[0]) != data[0]:
                jumps.append(n)
            expected[n] = (data[0] + length) % 256
        return on_block

    devices = [Device(0), Device(1)]
    for n, d in enumerate(devices):
        d.set_testmode(1)
        d.start(check(n))
    devices[0].wait_blocks(5)
    c.tell("unplug 0")
    gone = devices[0].left.wait(2)
    blocks = devices[1].blocks
    goes_on = devices[1].wait_blocks(blocks + 20)
    devices[1].stop()
    for d in devices:
        d.close()
    return dict(gone=gone, goes_on=goes_on, jumps=jumps, state=c.state())


def hotplug(c):
    """What libusb's own hotplug callbacks tell, in another context than librtlsdr's."""
    import ctypes
    usb = ctypes.CDLL("libusb-1.0.so.0")
    told = []
    fn = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int,
                          ctypes.c_void_p)
    usb.libusb_hotplug_register_callback.argtypes = [ctypes.c_void_p] + 5 * [ctypes.c_int] + [
        fn, ctypes.c_void_p, ctypes.c_void_p]
    usb.libusb_handle_events_timeout_completed.argtypes = 3 * [ctypes.c_void_p]
    usb.libusb_exit.argtypes = usb.libusb_get_device_address.argtypes = [ctypes.c_void_p]
    ctx = ctypes.c_void_p()
    usb.libusb_init(ctypes.byref(ctx))

    @fn
    def callback(_, device, event, __):
        told.append([event, usb.libusb_get_device_address(device)])
        return 0

    usb.libusb_hotplug_register_callback(ctx, 3, 1, 0x0bda, 0x2838, -1, callback, None, None)
    present = list(told)
    for line in ("unplug 0", "plug 0", "hotplug off", "unplug 0", "plug 0"):
        c.tell(line)
    usb.libusb_handle_events_timeout_completed(ctx, (ctypes.c_long * 2)(0, 0), None)
    usb.libusb_exit(ctx)
    return dict(present=present, later=told[len(present):], count=LIB.rtlsdr_get_device_count(),
                state=c.state())


def retune_thread(c):
    """Retuning from another thread while blocks come: some are called back on that thread."""
    import threading
    d = Device(rate=3200000)
    d.start(size=512, count=64)
    d.wait_blocks(3)
    for i in range(300):
        d.set_center_freq(100000000 + 1000 * i)
        if threading.get_ident() in d.threads:
            break
    d.stop()
    d.close()
    return dict(mine=threading.get_ident() in d.threads, threads=len(d.threads), state=c.state())


def two_at_once(c):
    """Two threads retune at the same time, which librtlsdr does not allow: one turns the I2C
    repeater off under the other."""
    import threading
    d = Device()

    def retune():
        for i in range(50):
            d.set_center_freq(100000000 + 1000000 * i)

    threads = [threading.Thread(target=retune) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    d.close()
    return c.state()


def busy_in_callback(c):
    """A control transfer from the callback is refused, as libusb does."""
    results = []
    d = Device()
    d.start(lambda data, n: results.append(d.set_bias_tee(1)) if not results else None)
    d.wait_blocks(3)
    d.stop()
    d.close()
    return dict(results=results, state=c.state())


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](control())))

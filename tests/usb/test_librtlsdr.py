"""How Debian's librtlsdr 0.6.0 takes each misbehaviour. probes.py has the programs."""
import pytest

STEP_HZ = 1000  # the tuner cannot be set finer
TUNER_UNKNOWN, TUNER_R820T = 0, 5


def lost(result, kind):
    return result["state"]["dongles"][0]["lost"][kind]


def test_calls_take_as_many_control_transfers_as_on_hardware(probe):
    r = probe("controls")
    assert 161 <= r["open"] <= 177
    assert 20 <= r["freq"] <= 28 and 20 <= r["gain"] <= 28 and 15 <= r["close"] <= 20


def test_every_setting_is_read_back(probe):
    for d in probe("settings"):
        name, value = d["call"], d["args"][0]
        assert d["returned"] == 0
        if name == "set_sample_rate":
            assert d["rate_hz"] == pytest.approx(value, rel=1e-6)
        elif name == "set_center_freq" and value >= 30000000:
            assert d["locked"] and d["centre_hz"] == pytest.approx(value, abs=STEP_HZ)
        elif name == "set_freq_correction":
            # the IF is not set anew, so a part of it is off by as many ppm
            assert d["ppm"] == value and d["centre_hz"] == pytest.approx(1.7e9, abs=2000)
            assert d["actual_hz"] == pytest.approx(1.7e9 * (1 - value * 1e-6), abs=2000)
        elif name == "set_tuner_gain":
            assert d["gain_db"] == value / 10 and not d["gain_auto"]
        elif name == "set_tuner_gain_mode":
            assert d["gain_auto"]
        elif name == "set_tuner_bandwidth":
            assert value <= d["bandwidth_hz"] <= value + 1000000
        elif name == "set_direct_sampling":
            assert d["direct"] == value
            if value:
                assert d["centre_hz"] == pytest.approx(7e6, abs=10)
        elif name in ("set_agc_mode", "set_bias_tee", "set_testmode"):
            key = {"set_agc_mode": "agc", "set_bias_tee": "bias_tee", "set_testmode": "test"}[name]
            assert d[key] == bool(value)


def test_unplugged_while_streaming(probe):
    r = probe("unplug")
    assert r["left"] and r["read_async"] == -5 and r["took_s"] < 0.5
    assert r["stderr"].count("cb transfer status: 5") == 15
    assert r["later"] == -4 and r["close"] == 0 and r["close_s"] < 0.1
    assert r["count"] == 0
    assert r["state"]["handles"] == r["state"]["device_refs"] == r["state"]["transfers"] == 0


def test_fifteen_errors_end_it_though_the_device_is_there(probe):
    r = probe("error")
    assert r["left_alone"] and r["read_async"] == -5
    assert r["state"]["dongles"][0]["powered"], "close skips the power-down"
    assert lost(r, "fault") == 15 * 65536


def test_fourteen_errors_do_not(probe):
    r = probe("few_errors")
    assert not r["left_alone"] and r["delivers"]


@pytest.mark.parametrize("name", ["stall", "refuse", "silence"])
def test_silence_for_ever(probe, name):
    r = probe(name)
    assert not r["left_alone"] and not r["delivers"]
    assert 0 < r["stop_s"] < 1.5, "a cancel is seen when handle_events returns, within 1 s"
    assert "cb transfer status" not in r["stderr"]


def test_silence_that_ends_is_a_loss(probe):
    r = probe("silence_ends")
    assert r["resumed"]
    assert lost(r, "silence") == pytest.approx(480000, rel=0.2)


def test_early_cancel_is_lost(probe):
    r = probe("cancel_early")
    assert r["early"] == -2 and not r["left_alone"]
    assert (r["first"], r["second"], r["left"], r["read_async"]) == (0, -2, True, 0)


def test_cancel_that_takes_two_seconds(probe):
    r = probe("cancel_slow")
    assert 1.9 < r["stop_s"] < 2.5


def test_cancel_that_hangs(probe):
    r = probe("cancel_hangs")
    assert r["stop_s"] is None and r["left"]


def test_librtlsdr_frees_transfers_in_flight(probe):
    """A use after free in life: the buffers go while the device still writes to them."""
    r = probe("linger")
    assert r["stop_s"] < 1
    assert r["state"]["dongles"][0]["freed_in_flight"] == 15


def test_short_transfers_lose_nothing(probe):
    r = probe("short")
    assert r["wrong"] == 0 and r["sizes"] == [1000, 65536] and r["shorts"] == 3
    assert sum(r["state"]["dongles"][0]["lost"].values()) == 0


def test_callback_in_time_loses_nothing(probe):
    assert lost(probe("callback_1ms"), "late") == 0


def test_callback_too_slow_loses_the_rest(probe):
    r = probe("callback_60ms")
    assert r["bytes"] == r["state"]["dongles"][0]["bytes"]
    share = lost(r, "late") / (lost(r, "late") + r["bytes"])
    assert r["block_s"] > 0.06  # by so much more as the machine is busy
    assert share == pytest.approx(1 - 0.016 / r["block_s"], abs=0.05)


def test_lost_bytes_are_silent(probe):
    r = probe("lose")
    assert r["jumps"] == [1034 % 256] and lost(r, "cut") == 1034


def test_crystal_sets_the_pace(probe):
    r = probe("pace", seconds=60)
    assert r["rate"] == pytest.approx(2400000 * 1.01, rel=0.004)
    assert r["corrected"]["ppm"] == 200


def test_no_permission(probe):
    r = probe("denied")
    assert r["opened"] == -3 and "fix the device permissions" in r["stderr"]
    assert r["after"]["handles"] == r["after"]["contexts"] == 0


def test_kernel_driver_is_detached_and_given_back(probe):
    r = probe("kernel_driver")
    assert r["opened"] == 0 and r["tuner"] == TUNER_R820T
    assert "Detached kernel driver" in r["stderr"] and "Reattached" in r["stderr"]


def test_failed_detach_is_returned_as_success(probe):
    """0 and no device: whoever looks at the code only uses a null pointer."""
    r = probe("stuck_driver")
    assert r["opened"] == 0 and not r["device"]


@pytest.mark.parametrize("name", ["other_program", "second_open"])
def test_claimed_already(probe, name):
    assert probe(name)["opened"] == -6


def test_slow_control_pipe(probe):
    r = probe("slow_control")
    assert r["opened"] == 0 and r["open_s"] > 161 * 0.002


def test_dead_control_pipe(probe):
    """25 s, and it calls that opened."""
    r = probe("dead", seconds=60)
    assert r["opened"] == 0 and r["open_s"] > 24  # a busy machine makes it longer
    assert r["tuner"] == TUNER_UNKNOWN and r["direct"] == 1


def test_pll_without_lock(probe):
    r = probe("no_lock")
    assert r["opened"] == 0 and "PLL not locked" in r["stderr"]
    assert not r["state"]["dongles"][0]["locked"]


def test_missing_index_leaks_the_list(probe):
    r = probe("missing_index")
    assert r["opened"] == -1 and r["state"]["device_refs"] == 1


def test_replug_moves_the_index_and_keeps_the_serial(probe):
    r = probe("strings", "--dongles", 2)
    assert r["serials"] == [["00000001", "00000002"], ["00000002"], ["00000002", "00000001"],
                            ["00000001", "00000001"]]
    assert r["by_serial"] == 0
    assert [d["index"] for d in r["state"]["dongles"]] == [1, 0]


def test_callbacks_on_the_thread_that_retunes(probe):
    r = probe("retune_thread")
    assert r["mine"] and r["threads"] == 2


def test_two_threads_that_retune_are_found_out(probe):
    # they must meet at the wrong moment, which a few tries bring about
    assert any("i2c wr failed=-9" in probe("two_at_once")["stderr"] for _ in range(20))


def test_control_transfer_in_a_callback_is_refused(probe):
    r = probe("busy_in_callback")
    assert "failed with -6" in r["stderr"]
    assert not r["state"]["dongles"][0]["bias_tee"]


def test_two_dongles_do_not_disturb_each_other(probe):
    r = probe("two", "--dongles", 2)
    assert r["gone"] and r["goes_on"] and r["jumps"] == []
    assert all(v == 0 for d in r["state"]["dongles"] for v in d["lost"].values())


def test_hotplug_tells_or_is_silent(probe):
    arrived, departed = 1, 2
    r = probe("hotplug")
    assert r["present"] == [[arrived, 1]]
    assert r["later"] == [[departed, 1], [arrived, 2]]
    assert r["count"] == 1 and r["state"]["device_refs"] == r["state"]["contexts"] == 0

"""Home Assistant's discovery through a real broker: every announcement and state is held to what Home Assistant
accepts; what an earlier run left is taken over or removed."""
import json
import socket
import subprocess
import time

import hz
import home_assistant
import pytest
from broker import Broker, Subscriber
from test_mqtt import status, until

VHF = ("[receiver sky]\nsource = sim\nscene = aircraft\nlatitude = 53.76\nlongitude = 8.67\n"
       "[receiver vhf]\nsource = sim\nscene = mix\nlatitude = 53.87\nlongitude = 8.70\n"
       "[channel 1090]\ndecoder = adsb\nreceiver = sky\n[channel ais]\ndecoder = ais\nreceiver = vhf\n"
       "[channel pager]\ndecoder = pocsag\nreceiver = vhf\nfrequency = 162.75M\n")


def output(broker, *keys):
    return (f"[output home]\ntype = mqtt\nurl = {broker.url()}\nstation = roof\nhome_assistant = yes\nha_interval = 1s\n"
            + "".join(k + "\n" for k in keys))


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    b = Broker(tmp_path_factory.mktemp("broker"))
    yield b
    b.stop()


@pytest.fixture(autouse=True)
def no_subscriber_stays():
    yield
    for s in set(Subscriber.open):
        s.close()


def announced(broker):
    """The devices that Home Assistant would have: key -> announcement, each checked."""
    found = broker.retained("homeassistant/device/+/config")
    return {topic.split("/")[2]: home_assistant.check(topic, payload) for topic, payload in found.items()}


def test_receivers_counts_and_pagers(broker):
    """All devices and their states as a late subscriber finds them; a page arrives as an event."""
    sub = Subscriber(broker, "hertzd/roof/ha/#")
    with hz.Daemon(VHF + output(broker, "ha_allow = sensors/*, pocsag/*", "ha_after = 1", "messages = no")) as d:
        events = lambda: [json.loads(p) for _, t, p in sub.got if t.endswith("/address")]
        sub.wait(lambda: any(t.endswith("/ships") and p not in (b"None", b"0") for _, t, p in sub.got), "ships")
        sub.wait(lambda: any(t.endswith("/nearest_ship") and p != b"None" for _, t, p in sub.got), "the nearest ship")
        sub.wait(lambda: any(t.endswith("/highest_aircraft") and p != b"None" for _, t, p in sub.got), "the highest aircraft")
        sub.wait(events, "a page")
        hz.wait(lambda: any("pocsag" in k for k in announced(broker)))
        devices = announced(broker)
        states = broker.retained("hertzd/roof/ha/#")
        assert status(d, "home")["home_assistant"]["devices"] >= len(devices) - 1
        print("loop:", d.status()["loop"])
    names = {k: v["device"]["name"] for k, v in devices.items()}
    assert names["hertzd_roof_station"] == "hertzd roof"
    assert names["hertzd_roof_simulated_receiver_sky"] == "Receiver sky (simulated)"
    assert names["hertzd_roof_simulated_station"] == "hertzd roof (simulated)"
    pagers = [k for k in devices if k.startswith("hertzd_roof_simulated_pocsag_")]
    assert pagers and all("(simulated)" in names[k] and names[k].startswith("Pager ") for k in pagers)
    assert len(devices) == 4 + len(pagers), "no aircraft and no ship is a device"
    counts = devices["hertzd_roof_simulated_station"]["components"]
    assert {"aircraft", "highest_aircraft", "nearest_aircraft", "ships", "nearest_ship"} <= set(counts)
    by_topic = {c["state_topic"]: c for v in devices.values() for c in v["components"].values()}
    for topic, text in states.items():
        home_assistant.check_state(by_topic[topic], text)
    for _, topic, text in sub.got:
        if topic in by_topic and text:
            home_assistant.check_state(by_topic[topic], text.decode())
    assert states[counts["aircraft"]["state_topic"]].isdigit()
    receiver = devices["hertzd_roof_simulated_receiver_sky"]["components"]
    assert states[receiver["connected"]["state_topic"]] == "ON" and states[receiver["state"]["state_topic"]] == "streaming"
    assert float(states[receiver["snr"]["state_topic"]]) > 3 and float(states[receiver["noise"]["state_topic"]]) < 0
    page = events()[0]
    assert page["simulated"] is True and page["receiver"] == "vhf" and page["channel"] == "pager" and page["address"]
    assert all(v["availability_topic"] == "hertzd/roof/home/availability" for v in devices.values())
    assert broker.retained("hertzd/roof/home/availability") == {"hertzd/roof/home/availability": "offline"}


def test_what_an_earlier_run_left(broker):
    """Garbage under our name and what is not allowed any more is removed; what is another's stays."""
    before = announced(broker)
    pagers = [k for k in before if "pocsag" in k]
    assert pagers, "of the test before"
    other = {"homeassistant/device/hertzd_roofs_sensors_x/config": '{"origin":{"name":"hertzd"}}',
             "homeassistant/device/zigbee_1/config": '{"device":{"identifiers":["z"]}}',
             "homeassistant/sensor/hertzd_roof_x/config": "{}"}
    garbage = {"homeassistant/device/hertzd_roof_sensors_Nexus-TH-1-218/config": "{",
               "homeassistant/device/hertzd_roof_simulated_pocsag_1/config": "[" * 5000,
               "homeassistant/device/hertzd_roof_receiver_gone/config": json.dumps(
                   {"device": {"identifiers": ["hertzd:roof/receiver/gone"]}, "origin": {"name": "hertzd"}, "components": {}})}
    for topic, payload in {**other, **garbage}.items():
        broker.publish(topic, payload)
    keys = ("ha_allow = sensors/*, pocsag/*", "ha_deny = pocsag/" + before[pagers[0]]["device"]["serial_number"], "ha_after = 1000",
            "messages = no")
    with hz.Daemon(VHF + output(broker, *keys)) as d:
        until(d, "home", lambda o: o["home_assistant"]["adopted"] == len(pagers) - 1 and o["home_assistant"]["removed"] >= 4)
        hz.wait(lambda: not set(broker.retained("homeassistant/#")) & set(garbage))
        left = broker.retained("homeassistant/#")
        assert set(other) <= set(left), "those of others stay"
        assert f"homeassistant/device/{pagers[0]}/config" not in left, "denied"
        for key in pagers[1:]:
            assert home_assistant.check(f"homeassistant/device/{key}/config", left[f"homeassistant/device/{key}/config"]) == before[key]
        # a receiver that is no longer configured
        text = d.conf.read_text()
        d.conf.write_text(text[text.index("[receiver vhf]"):].replace("[channel 1090]\ndecoder = adsb\nreceiver = sky\n", ""))
        d.rpc.result("reload")
        hz.wait(lambda: "homeassistant/device/hertzd_roof_simulated_receiver_sky/config" not in broker.retained("homeassistant/#"))
    for topic in broker.retained("homeassistant/#", "hertzd/roof/#"):
        broker.publish(topic, "")


def test_a_broker_that_forgot_is_told_again(tmp_path):
    """A restart without persistence loses what was retained: all of it is published to the new one."""
    broker = Broker(tmp_path / "b", "allow_anonymous true\nautosave_interval 0")
    with hz.Daemon(VHF + output(broker, "messages = no")) as d:
        hz.wait(lambda: len(announced(broker)) == 4)
        broker.stop()
        (broker.dir / "mosquitto.db").unlink(missing_ok=True)
        broker.start()
        until(d, "home", lambda o: o["state"] == "up" and o["connects"] == 2)
        hz.wait(lambda: len(announced(broker)) == 4)
        assert broker.retained("hertzd/roof/home/availability") == {"hertzd/roof/home/availability": "online"}
        d.process.kill()
        d.process.wait()
        hz.wait(lambda: broker.retained("hertzd/roof/home/availability") == {"hertzd/roof/home/availability": "offline"})
    broker.stop()


@pytest.mark.plain  # sanitized, all models on every burst are slower than the bursts come
def test_sensors_that_the_receiver_hears(broker):
    """The simulator's homes, by the sensors' decoder: devices with the values that were sent."""
    ism = "[receiver ism]\nsource = sim\nscene = ism\nseed = 3\n[channel sensors]\ndecoder = sensors\n"
    sub = Subscriber(broker, "hertzd/roof/ha/#")
    sensors = lambda: {k: v for k, v in announced(broker).items() if "_sensors_" in k}
    with hz.Daemon(ism + output(broker, "ha_after = 1", "messages = no")):
        hz.wait(lambda: len({v["device"]["model"] for v in sensors().values()}) >= 4)
        devices = sensors()
        sub.wait(lambda: any(t.endswith("/temperature_C") for _, t, _ in sub.got), "temperatures")
    out = subprocess.run([hz.ROOT / "build/scene", "ism", "3", "90", "--truth", "/dev/stderr"], stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, check=True)
    sent = [json.loads(line)["fields"] for line in out.stderr.splitlines()]
    told = {t: p.decode() for _, t, p in sub.got}
    for device in devices.values():
        model = device["device"]["model"]
        for field in {"temperature_C", "humidity", "moisture"} & set(device["components"]):
            topic = device["components"][field]["state_topic"]
            values = {float(s[field]) for s in sent if s["model"] == model and field in s}
            assert topic not in told or float(told[topic]) in values, (model, field, told[topic])
    for topic in broker.retained("homeassistant/#", "hertzd/roof/#"):
        broker.publish(topic, "")


def sensor_lines(ids, times):
    """Lines of another hertzd that hears sensors, each of them once a minute; rtl_433's names."""
    seq = 0
    for at in range(times):
        for i in ids:
            seq += 1
            when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 60 * (times - at)))
            yield json.dumps({"seq": seq, "kind": "message", "time": f"{when}.000000000Z", "receiver": "far", "channel": "ism",
                              "protocol": "sensors", "freq_hz": 433920000, "rssi_dbfs": -12.5, "noise_dbfs": -40, "snr_db": 27.5,
                              "offset_hz": 120, "sample": seq * 1000, "fixed_bits": 0, "raw": f"{seq:08x}",
                              "sensors": {"model": "Nexus-TH", "id": i, "channel": 1, "battery_ok": 1,
                                          "temperature_C": round(15 + i / 10, 1), "humidity": 40 + i % 50}}).encode() + b"\n"


def shipped_lines(times):
    """The same of every model that is declared: the fields of its example."""
    done = subprocess.run([hz.BIN.parent / "sensor_pulses"], capture_output=True)
    sent = [json.loads(line) for line in done.stdout.splitlines()]
    lines = [json.loads(line) for line in sensor_lines(range(len(sent)), times)]
    for line, what in zip(lines, sent * times):
        line["sensors"] = {"model": what["model"], **what["fields"]}
        yield json.dumps(line).encode() + b"\n"


def far_receiver(broker, *keys):
    conf = VHF + "[input far]\ntype = tcp\nformat = json\nlisten = yes\naddress = 127.0.0.1:0\n"
    return hz.Daemon(conf + output(broker, "messages = no", "receiver = far", *keys))


@pytest.mark.plain
def test_every_shipped_sensor(broker):
    """What Home Assistant is told of each declared model is what it accepts, and so are the values."""
    sub = Subscriber(broker, "hertzd/roof/ha/#")
    with far_receiver(broker, "ha_devices = 500", "ha_allow = sensors/*, tyres/*") as d:
        until(d, "home", lambda o: o["state"] == "up")
        address = next(i for i in d.status()["inputs"] if i["name"] == "far")["address"]
        with socket.create_connection(d.endpoint(address), timeout=hz.PATIENCE) as c:
            c.sendall(b"".join(shipped_lines(4)))
            until(d, "home", lambda o: o["behind"] == 0 and o["home_assistant"]["devices"] > 300)
            hz.wait(lambda: len(announced(broker)) > 300)
            sub.wait(lambda: len({t for _, t, _ in sub.got}) > 1000, "values")
        devices = announced(broker)
    by_topic = {c["state_topic"]: c for v in devices.values() for c in v["components"].values()}
    told = {topic: text.decode() for _, topic, text in sub.got if topic in by_topic and text}
    for topic, text in told.items():
        home_assistant.check_state(by_topic[topic], text)
    print(len(devices), "devices,", len(by_topic), "entities,", len(told), "values")
    for topic in broker.retained("homeassistant/#", "hertzd/roof/#"):
        broker.publish(topic, "")


@pytest.mark.plain  # likewise
def test_a_hundred_sensors(broker):
    """Sensors that another hertzd hears: announced after three messages, up to the limit, with their values."""
    sub = Subscriber(broker, "hertzd/roof/ha/#")
    with far_receiver(broker, "ha_devices = 100") as d:
        until(d, "home", lambda o: o["state"] == "up")
        address = next(i for i in d.status()["inputs"] if i["name"] == "far")["address"]
        with socket.create_connection(d.endpoint(address), timeout=hz.PATIENCE) as c:
            c.sendall(b"".join(sensor_lines(range(120), 2)))
            until(d, "home", lambda o: o["behind"] == 0)
            assert not [k for k in announced(broker) if "sensors" in k], "not after two"
            c.sendall(b"".join(sensor_lines(range(120), 4)))
            until(d, "home", lambda o: o["home_assistant"]["over_limit"] >= 20)
            hz.wait(lambda: len([k for k in announced(broker) if "sensors" in k]) == 100)
            sub.wait(lambda: len({t for _, t, _ in sub.got if t.endswith("/temperature_C")}) == 100, "temperatures")
        devices = {k: v for k, v in announced(broker).items() if "sensors" in k}
        print("loop:", d.status()["loop"], status(d, "home"))
    values = {t: p.decode() for _, t, p in sub.got}
    for key, device in devices.items():
        i = int(key.rsplit("-", 1)[1])
        parts = device["components"]
        assert device["device"]["model"] == "Nexus-TH" and device["device"]["name"] == f"Nexus-TH-1-{i}"
        assert set(parts) == {"temperature_C", "humidity", "battery_ok", "last_heard", "snr"}
        assert values[parts["temperature_C"]["state_topic"]] == f"{15 + i / 10:.1f}"
        assert values[parts["humidity"]["state_topic"]] == str(40 + i % 50)
        assert values[parts["battery_ok"]["state_topic"]] == "100" and parts["temperature_C"]["expire_after"] == 3600
    for topic in broker.retained("homeassistant/#", "hertzd/roof/#"):
        broker.publish(topic, "")

"""What Home Assistant accepts as a device-based discovery message, written from its documentation and its lists of
units and classes (2024.11 to 2026): it drops what is not so, and only its log tells."""
import json
import re

CONCENTRATION = {"µg/m³"}
SPEED = {"m/s", "km/h", "mph", "kn", "ft/s"}
MEASUREMENT, ANY = {"measurement"}, {"measurement", "total", "total_increasing"}
# class -> units, state classes
SENSOR = {
    "temperature": ({"°C", "°F", "K"}, MEASUREMENT), "humidity": ({"%"}, MEASUREMENT), "moisture": ({"%"}, MEASUREMENT),
    "atmospheric_pressure": ({"hPa", "mbar", "kPa", "inHg"}, MEASUREMENT), "pressure": ({"hPa", "kPa", "bar", "psi"}, MEASUREMENT),
    "wind_speed": (SPEED, MEASUREMENT), "wind_direction": ({"°"}, set()), "precipitation": ({"mm", "cm", "in"}, ANY),
    "precipitation_intensity": ({"mm/h", "in/h", "mm/d", "in/d"}, MEASUREMENT), "illuminance": ({"lx"}, MEASUREMENT),
    "irradiance": ({"W/m²"}, MEASUREMENT), "distance": ({"mm", "cm", "m", "km", "in", "ft", "yd", "mi", "nmi"}, ANY),
    "carbon_dioxide": ({"ppm"}, MEASUREMENT), "pm1": (CONCENTRATION, MEASUREMENT), "pm25": (CONCENTRATION, MEASUREMENT),
    "pm10": (CONCENTRATION, MEASUREMENT), "power": ({"W", "kW"}, MEASUREMENT), "energy": ({"Wh", "kWh", "MWh"}, {"total", "total_increasing"}),
    "current": ({"A", "mA"}, MEASUREMENT), "voltage": ({"V", "mV"}, MEASUREMENT), "frequency": ({"Hz", "kHz", "MHz", "GHz"}, MEASUREMENT),
    "battery": ({"%"}, MEASUREMENT), "signal_strength": ({"dB", "dBm"}, MEASUREMENT), "enum": ({None}, set()), "timestamp": ({None}, set()),
}
BINARY = {"battery", "connectivity", "door", "moisture", "motion", "moving", "opening", "plug", "problem", "running", "safety",
          "smoke", "tamper"}
ROOT = {"device", "origin", "components", "availability", "availability_topic", "availability_mode", "payload_available",
        "payload_not_available", "state_topic", "command_topic", "qos", "encoding"}
DEVICE = {"identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version", "sw_version", "serial_number",
          "suggested_area", "configuration_url", "via_device"}
COMMON = {"platform", "unique_id", "name", "state_topic", "device_class", "entity_category", "enabled_by_default", "expire_after",
          "icon", "force_update"}
MORE = {"sensor": {"unit_of_measurement", "state_class", "suggested_display_precision", "options"},
        "binary_sensor": {"payload_on", "payload_off", "off_delay"}, "event": {"event_types"}}


def topic_ok(topic):
    return isinstance(topic, str) and 0 < len(topic.encode()) < 65536 and not re.search(r"[+#\0]", topic)


def check_component(key, c):
    assert re.fullmatch(r"[A-Za-z0-9_-]+", key), key
    platform = c["platform"]
    assert platform in MORE and set(c) <= COMMON | MORE[platform], (key, set(c) - COMMON - MORE[platform])
    assert "object_id" not in c and c["unique_id"] and c["name"] and topic_ok(c["state_topic"])
    assert c.get("entity_category", "diagnostic") == "diagnostic"
    assert type(c.get("expire_after", 1)) is int and c.get("expire_after", 1) > 0
    assert type(c.get("enabled_by_default", False)) is bool
    if platform == "event":
        assert c["event_types"] and all(isinstance(t, str) for t in c["event_types"])
        assert c.get("device_class", "button") in ("button", "doorbell", "motion")
    elif platform == "binary_sensor":
        assert c.get("device_class", "problem") in BINARY, c
    else:
        kind, unit, state = c.get("device_class"), c.get("unit_of_measurement"), c.get("state_class")
        assert state in ANY | {None}
        if kind:
            units, states = SENSOR[kind]
            assert unit in units, (key, kind, unit)
            assert state is None or state in states, (key, kind, state)
        if state:
            assert unit, (key, "a number for statistics has a unit")
        assert (kind == "enum") == ("options" in c) and len(c.get("options", [1])) == len(set(c.get("options", [1]))) > 0
        assert type(c.get("suggested_display_precision", 0)) is int


def check(topic, payload, prefix="homeassistant"):
    """The message as an object, after all that Home Assistant asks of it."""
    assert re.fullmatch(re.escape(prefix) + r"/device/[a-zA-Z0-9_-]+/config", topic), topic
    d = json.loads(payload, parse_constant=lambda c: 1 / 0)
    assert set(d) <= ROOT and {"device", "origin", "components"} <= set(d), set(d) - ROOT
    assert set(d["device"]) <= DEVICE and (d["device"].get("identifiers") or d["device"].get("connections"))
    assert all(isinstance(v, str) and v for k, v in d["device"].items() if k != "identifiers"), d["device"]
    assert set(d["origin"]) <= {"name", "sw_version", "support_url"} and d["origin"]["name"]
    assert topic_ok(d["availability_topic"])
    assert d["components"]
    for key, c in d["components"].items():
        check_component(key, c)
    uniques = [c["unique_id"] for c in d["components"].values()]
    assert len(set(uniques)) == len(uniques)
    return d


def check_state(component, text):
    """A state as Home Assistant takes it of that entity."""
    if component["platform"] == "binary_sensor":
        assert text in ("ON", "OFF"), text
    elif component["platform"] == "event":
        assert json.loads(text)["event_type"] in component["event_types"]
    elif text != "None":
        kind = component.get("device_class")
        if kind == "enum":
            assert text in component["options"], text
        elif kind == "timestamp":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text), text
        elif component.get("unit_of_measurement"):
            float(text)

"""Sensors for curves and sweeps: what of a reading must be right, and recordings of build/sensor_gen."""
import json
import re
from pathlib import Path

# of each model, the fields that a reading is held by: all that it measures
FIELDS = {
    "Nexus-TH": "id channel temperature_C humidity", "Oregon-THGR122N": "id channel temperature_C humidity",
    "Acurite-5n1": "id channel message_type temperature_F humidity wind_dir_deg rain_in",
    "Acurite-609TXC": "id temperature_C humidity",
    "LaCrosse-TX141THBv2": "id channel temperature_C humidity", "Fineoffset-WH2": "id temperature_C humidity",
    "Fineoffset-WH65B": "id temperature_C humidity wind_dir_deg uv light_lux",
    "Fineoffset-WH51": "id moisture ad_raw", "Inkbird-ITH20R": "id temperature_C humidity",
    "X10-Security": "id code", "Smoke-GS558": "id unit", "Toyota": "id status pressure_PSI temperature_C",
    "Renault": "id pressure_kPa temperature_C", "Efergy-e2CT": "id interval",
    "ERT-SCM": "id ert_type consumption_data",
}
# One encoder of 24 bits under many names: number and key are cut in different places.
REMOTES = {"Generic-Remote": ("id", 256, "cmd"), "EV1527": ("id", 16, "button")}
NAMES = ("nexus-th oregon-thgr122n acurite-5n1 acurite-609txc lacrosse-tx141th ev1527 fineoffset-wh2 fineoffset-wh65 fineoffset-wh51"
         " inkbird-ith20r x10-security smoke-gs558 toyota-tpms renault-tpms efergy-e2 ert-scm").split()


def text(value):
    return str(round(value * 100)) if isinstance(value, (int, float)) else str(value).lower()


def code_of(fields):
    """The 24 bits of a remote, as two numbers or as one."""
    id_name, keys, key_name = REMOTES[fields["model"]]
    if id_name in fields and key_name in fields:
        return fields[id_name] * keys + fields[key_name]
    return int(str(fields["code"]), 16)


def key_of(fields):
    """A reading as one word, the same for two readings that say the same."""
    model = fields["model"]
    if model in REMOTES:
        return f"remote:{code_of(fields):06x}"
    names = FIELDS[model].split() if model in FIELDS else sorted(n for n in fields if n not in ("model", "time", "mic"))
    return ":".join([model] + [f"{n}={text(fields[n])}" for n in names if n in fields])


def is_remote(model):
    return model in REMOTES


def is_sensor(name):
    return name in NAMES


def frequency(name):
    return 912.6e6 if name.startswith("ert") else 433.92e6


def generate(output, build, name, rate, snr, count, seed, folder, changes):
    """(recording, what was sent): `changes` are keys of sensor_gen."""
    pairs = [f"{key}={value}" for key, value in changes.items()]
    out = output([build / "sensor_gen", name, rate, snr, count, seed, folder, *pairs])
    recording = Path(out.decode().strip())
    return recording, [json.loads(line) for line in recording.with_suffix(".jsonl").read_text().splitlines()]


def rtl_433(output, recording, rate):
    lines = output(["rtl_433", "-s", int(rate), "-F", "json", "-r", recording]).decode(errors="replace")
    found = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    return [key_of(f) for f in found if "model" in f]


def rate_of(recording):
    return float(re.search(r"_([0-9.]+)k", recording.name)[1]) * 1e3

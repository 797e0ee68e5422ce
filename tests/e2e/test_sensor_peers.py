"""What the shipped declarations key, given to rtl_433: it reads the same fields in the same bits, where it knows the sensor."""
import json
import re
import shutil
import subprocess

import hz
import pytest

pytestmark = pytest.mark.plain

# Decoders that Debian's 22.11 does not have, or has off unless asked, or under the name of a twin.
UNKNOWN = set("""
2gig-key2e acurite-590tx acurite-606tx acurite-896 acurite-optimus-rain acurite-optimus-t auriol-4ld5661 auriol-hg04641a
baldr-e0666th baldr-rain blueline-energy blueline-power blueline-temp brennenstuhl-rcs2044 bresser-st1005h came-top432
dooya-curtain eezrv-tpms elro-ab440r elro-db286a emos-e6018 eurochron ev1527 fht friedland-evo fs20 gear-hive-tpms
geevon-tx16 geevon-tx19 gm-aftermarket-tpms heidemann-hx-doorbell holman-pwm-ook hormann-blue ht12e imars-t240-tpms
interlogix interlogix-fob intertechno jansite-ty468-tpms kaku keeloq-hcs200 keeloq-hcs361 keeloq-hcs362 keeloq-hcs362-te400
kw9015b leak-dy-sq100b linear-dip10 linear-megacode maverick-et73x nexus-sauna nice-flo nice-flor-s oregon-awr129
oregon-thgr228n pt2262 quhwa-doorbell revolt-nc5462 rf-t0912 rosenborg-66796 sainlogic-sa8 schou-72543
schrader-motorcycle-tpms schrader-mrxbc5a4-tpms schrader-nis315g3-tpms schrader-smd3ma4-tpms smartire-tpms smc5326-remote
tfa-303221 tfa-303225 thermopro-tx2 thermopro-tx2c thermor-a6n trw-ook-tpms tyreguard400-tpms vauno wallarge waveman wec2103
xc0324
""".split())
# The same sensor, but newer fields, or known mistakes of 22.11.
OTHERWISE = set("""
acurite-atlas-uv acurite-atlas-uv-ltng emos-e6016 ert-idm ert-netidm honeywell-activlink infactory oregon-cm160 oregon-uv800
oregon-uvr128 wh1050 wh1050-time
""".split())


def same(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-3 * max(1, abs(a))
    return str(a) == str(b)


def theirs(us, folder):
    """What rtl_433 decodes of a transmission: pulses and gaps in microseconds."""
    us = us + [-100000] if us[-1] > 0 else us[:-1] + [min(us[-1], -100000)]
    path = folder / "pulses.ook"
    path.write_text(f";pulse data\n;version 1\n;timescale 1us\n;ook {len(us) // 2} pulses\n;freq1 433920000\n"
                    + "".join(f"{on} {-off}\n" for on, off in zip(us[::2], us[1::2])) + ";end\n")
    done = subprocess.run(["rtl_433", "-c", "0", "-F", "json", "-r", path], capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_it_reads_what_we_key(tmp_path):
    if not shutil.which("rtl_433"):
        pytest.skip("rtl_433 is not there: .ci/setup peers")
    version = subprocess.run(["rtl_433", "-V"], capture_output=True, text=True)
    if not re.search(r"version 22\.11", version.stdout + version.stderr):
        pytest.skip("another rtl_433 than 22.11")
    done = subprocess.run([hz.BIN.parent / "sensor_pulses"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    equal, other, unknown = set(), {}, {}
    for sent in map(json.loads, done.stdout.splitlines()):
        if sent["modulation"] == "fsk":  # its reader of pulse files knows OOK only
            continue
        got = theirs(sent["us"], tmp_path)
        mine = [r for r in got if r["model"] == sent["model"]]
        wrong = {k: (v, mine[0].get(k)) for k, v in sent["fields"].items() if mine and not same(v, mine[0].get(k))}
        if not mine:
            unknown[sent["sensor"]] = [r["model"] for r in got]
        elif wrong:
            other[sent["sensor"]] = wrong
        else:
            equal.add(sent["sensor"])
    assert not {k: v for k, v in unknown.items() if k not in UNKNOWN}
    assert not {k: v for k, v in other.items() if k not in OTHERWISE}
    assert len(equal) >= 130

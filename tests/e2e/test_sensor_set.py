"""The shipped sensors: the list of models in the documentation, and every declaration of the collections of facts."""
import re
import subprocess
import sys

import hz
import pytest

LIST = hz.ROOT / "tests/tools/sensor_list.py"
# Names of the facts for what another section says: one device described twice, or one declaration under several names.
SAME = {"fineoffset-wh55": "wh55", "fineoffset-wh51": "wh51", "inkbird-ith20r": "inkbird", "rubicson-pool-48942": "rubicson-48942",
        "smoke-gs558": "gs558", "x10-rf": "x10", "owl-cm160": "oregon-cm160", "dsc-ws4945": "dsc-slow",
        "lacrosse-tx29-nohum": "lacrosse-tx29", "lacrosse-tx25-probe": "lacrosse-tx29"}


@pytest.mark.plain
def test_the_list_of_models_is_that_of_the_declarations():
    done = subprocess.run([sys.executable, LIST, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.plain
def test_every_section_has_an_example():
    for path in (hz.ROOT / "config/sensors").glob("*.conf"):
        for section in path.read_text().split("[sensor ")[1:]:
            assert "\nexample = {" in section, (path.name, section.split("]")[0])


@pytest.mark.plain
def test_all_declarations_of_the_facts_are_there(shared):
    """352: 230 and 122."""
    facts = re.findall(r"^\[(?:sensor )?(.*)\]$", (shared / "sensor-facts-a.conf").read_text(), re.M)
    assert len(facts) == 230
    facts += re.findall(r"^\[sensor (.*)\]$", (shared / "sensor-facts-b.decl").read_text(), re.M)
    assert len(facts) == 352
    ours = {name for path in (hz.ROOT / "config/sensors").glob("*.conf")
            for name in re.findall(r"^\[sensor (.*)\]$", path.read_text(), re.M)}
    assert not [name for name in facts if SAME.get(name, name) not in ours]

"""The documentation names what is sent: schemas, tables and the decoder's own list agree."""
import json
import re
import subprocess
from pathlib import Path

import hz
import jsonschema
import pytest

MESSAGES = (hz.ROOT / "docs/messages.md").read_text()
DECODERS = (hz.ROOT / "docs/decoders.md").read_text()
CONTROL = (hz.ROOT / "docs/control.md").read_text()
STATE = (hz.ROOT / "docs/state.md").read_text()
SPECTRUM = (hz.ROOT / "docs/spectrum.md").read_text()
SOUND = (hz.ROOT / "docs/sound.md").read_text()
SCHEMAS = sorted((hz.ROOT / "docs/schema").glob("*.schema.json"))


def described(schema):
    """Properties that the schema itself explains."""
    if isinstance(schema, list):
        return set().union(*map(described, schema))
    if not isinstance(schema, dict):
        return set()
    own = {name for name, value in schema.get("properties", {}).items() if "description" in value}
    return own.union(*map(described, schema.values()))


def properties(schema):
    out = set()
    if isinstance(schema, dict):
        out |= set(schema.get("properties", {}))
        for value in schema.values():
            out |= properties(value)
    elif isinstance(schema, list):
        for value in schema:
            out |= properties(value)
    return out


@pytest.mark.plain
@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name)
def test_every_field_of_the_schema_is_explained(path):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    fields = properties(schema) - {"kind"}
    status = path.name == "status.schema.json"
    text = CONTROL if status else MESSAGES + DECODERS + STATE + SPECTRUM + SOUND
    missing = [f for f in fields - (described(schema) if status else set()) if f"`{f}`" not in text]
    assert not missing
    assert fields or "$ref" in path.read_text()


@pytest.mark.plain
def test_the_list_of_decoders_is_that_of_the_registry():
    done = hz.run("decoders", "--markdown")
    assert done.returncode == 0, done.stderr
    same = (hz.ROOT / "docs/decoders.md").read_bytes() == done.stdout
    assert same, "run: build/hertzd decoders --markdown >docs/decoders.md"


@pytest.mark.plain
def test_the_guide_to_a_decoder_compiles_and_runs(tmp_path):
    guide = (hz.ROOT / "docs/adding-a-decoder.md").read_text()
    files = re.findall(r"\*\*`([^`]+)`\*\*\n\n```c\n(.*?)```", guide, re.S)
    assert [name for name, _ in files] == ["proto/carrier/carrier.c", "tests/unit/test_carrier.c"]
    for name, text in files:
        (tmp_path / Path(name).name).write_text(text)
    built = hz.BIN.parent / "obj"
    pure = [o for room in ("build", "config", "dsp", "proto", "sim") for o in sorted((built / room).rglob("*.o"))
            if (hz.ROOT / o.relative_to(built).with_suffix(".c")).exists()]
    flags = "-std=c17 -g -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Werror".split()
    libraries = subprocess.run(["pkg-config", "--libs", "libcjson", "inih", "kissfft-float", "opus", "libcrypto"], check=True,
                               stdout=subprocess.PIPE, text=True).stdout.split()
    fftw = subprocess.run(["pkg-config", "--libs", "fftw3f"], stdout=subprocess.PIPE, text=True).stdout.split()
    subprocess.run(
        ["gcc", *flags, "-I", hz.ROOT, "-o", tmp_path / "test", *tmp_path.glob("*.c"),
         hz.ROOT / "tests/unit/rig.c", *pure, *libraries, *fftw, "-lcriterion", "-lm"],
        check=True, cwd=hz.ROOT)
    done = subprocess.run([tmp_path / "test", "--tap"], capture_output=True, text=True)
    assert done.returncode == 0 and len(re.findall("^ok - ", done.stdout, re.M)) == 2, done


def adsb_rows():
    """The table that proto/adsb/fields.c stands for."""
    text = (hz.ROOT / "proto/adsb/fields.c").read_text()
    rows = re.findall(r'\{"(\w+)",\s*"([^"]*)",\s*((?:"[^"]*"\s*)+),\s*(?:"[^"]*"\s*)+\}', text)
    return [(n, f"| `{n}` | {u} | {''.join(re.findall(chr(34) + '([^' + chr(34) + ']*)', w)[::2])} |")
            for n, u, w in rows]


@pytest.mark.plain
def test_adsb_table_is_that_of_the_decoder():
    rows = adsb_rows()
    assert len(rows) > 20
    missing = [row for _, row in rows if row not in MESSAGES]
    assert not missing, "rows for docs/messages.md:\n" + "\n".join(missing)


@pytest.mark.plain
@pytest.mark.parametrize("name", list(hz.listed_fields()))
def test_the_schema_is_written_from_the_table(name):
    done = hz.run("decoders", name, "--schema")
    if name in ("aprs", "ax25-9600"):  # both refer to ax25.schema.json, which has frames within frames
        hz.one_line(done, 1, name)
        return
    assert done.returncode == 0, done.stderr
    same = (hz.ROOT / f"docs/schema/{name}.schema.json").read_bytes() == done.stdout
    assert same, f"run: build/hertzd decoders {name} --schema >docs/schema/{name}.schema.json"

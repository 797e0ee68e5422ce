"""The documentation names what is sent: schemas, tables and the decoder's own list agree."""
import json
import re

import hz
import pytest

MESSAGES = (hz.ROOT / "docs/messages.md").read_text()
SCHEMAS = sorted((hz.ROOT / "docs/schema").glob("*.schema.json"))


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
    fields = properties(json.loads(path.read_text())) - {"kind"}
    if path.name == "message.schema.json":
        fields -= {"adsb"}  # a section of its own
    missing = [f for f in fields if f"`{f}`" not in MESSAGES]
    assert fields and not missing


@pytest.mark.plain
def test_the_list_of_decoders_is_that_of_the_registry():
    done = hz.run("decoders", "--markdown")
    assert done.returncode == 0, done.stderr
    same = (hz.ROOT / "docs/decoders.md").read_bytes() == done.stdout
    assert same, "run: build/hertzd decoders --markdown >docs/decoders.md"


def adsb_rows():
    """The table that proto/adsb/fields.c stands for."""
    text = (hz.ROOT / "proto/adsb/fields.c").read_text()
    rows = re.findall(r'\{"(\w+)",\s*"([^"]*)",\s*((?:"[^"]*"\s*)+)\}', text)
    return [(n, f"| `{n}` | {u} | {''.join(re.findall(chr(34) + '([^' + chr(34) + ']*)', w)[::2])} |")
            for n, u, w in rows]


@pytest.mark.plain
def test_adsb_table_is_that_of_the_decoder():
    rows = adsb_rows()
    assert len(rows) > 20
    missing = [row for _, row in rows if row not in MESSAGES]
    assert not missing, "rows for docs/messages.md:\n" + "\n".join(missing)


@pytest.mark.plain
def test_adsb_schema_is_that_of_the_decoder():
    schema = json.loads((hz.ROOT / "docs/schema/adsb.schema.json").read_text())
    assert set(schema["properties"]) == {n for n, _ in adsb_rows()}

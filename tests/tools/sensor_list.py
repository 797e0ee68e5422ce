#!/usr/bin/python3
"""The list of models in docs/sensors.md, from config/sensors/*.conf.

    tests/tools/sensor_list.py           writes it between the two marks of docs/sensors.md
    tests/tools/sensor_list.py --check   says whether it is so (exit 1)

A section's comment stands right before it; its last line is `# Proof: WORD, WORD.`: recording, published, rtl_433, none."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs/sensors.md"
BEGIN, END = "<!-- models: tests/tools/sensor_list.py -->\n", "<!-- end -->\n"
PROOFS = ("recording", "published", "rtl_433")


def sections():
    """Every section as a dictionary: name, file, text (its comment), proof (words), keys (list of pairs)."""
    found = []
    for path in sorted((ROOT / "config/sensors").glob("*.conf")):
        comment, section = [], None
        for line in path.read_text().splitlines():
            if line.startswith("#"):
                comment.append(line[1:].strip())
            elif not line:
                comment = []
            elif line.startswith("[sensor "):
                proof = re.fullmatch(r"Proof: (.*)\.", comment[-1])[1].split(", ")
                section = {"name": line[8:-1], "file": path.stem, "text": " ".join(comment[:-1]), "proof": proof, "keys": []}
                found.append(section)
                comment = []
            else:
                key, _, value = line.partition(" = ")
                section["keys"].append((key, value))
    by_name = {s["name"]: s for s in found}
    for s in found:
        s["model"] = inherited(s, "model", by_name)
        s["modulation"] = inherited(s, "modulation", by_name) or "ook"
    return found


def inherited(section, key, by_name):
    keys = dict(section["keys"])
    if key in keys:
        return keys[key]
    return inherited(by_name[keys["like"]], key, by_name) if "like" in keys else None


def table():
    out, file = [], None
    for s in sections():
        if s["file"] != file:
            file = s["file"]
            out += ["", f"### {file}", "", "| model | section | | what it is | proof |", "|---|---|---|---|---|"]
        keys = dict(s["keys"])
        how = s["modulation"].upper() + (", off" if keys.get("use") == "no" else "")
        out.append(f"| {s['model']} | `{s['name']}` | {how} | {s['text'].replace('|', '/')} | {', '.join(s['proof'])} |")
    count = {p: sum(p in s["proof"] for s in sections()) for p in PROOFS + ("none",)}
    models = len({s["model"] for s in sections()})
    head = (f"{len(sections())} sections, {models} models. Proved by a recording: {count['recording']}; by a published example: "
            f"{count['published']}; by rtl_433: {count['rtl_433']}; by nothing yet: {count['none']}. A section may have several proofs.")
    return "\n".join(["", head, *out, "", ""])


def main():
    before, rest = DOCUMENT.read_text().split(BEGIN)
    after = rest.split(END)[1]
    text = before + BEGIN + table() + END + after
    if "--check" in sys.argv:
        sys.exit(0 if text == DOCUMENT.read_text() else "docs/sensors.md is not what config/sensors gives: tests/tools/sensor_list.py")
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Who may include whom, and what pure code may not call: the house's walls, checked.

    tests/includes.py [OBJECTS]

With OBJECTS, the folder of compiled objects, pure ones are also searched for writable data.
Prints FILE:LINE: what is wrong, one a line; exit 1 when there was any.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Room -> what its files may include of the project besides the room itself (prefixes). The longest
# room that a file's path begins with counts. A room may include only rooms that stand above it here,
# so there are no circles.
MAY = {
    "dsp": [],
    "proto": ["dsp/"],
    "sim": ["dsp/", "proto/"],
    "config": ["proto/registry.h", "proto/option.h", "proto/nearest.h", "proto/sensors/set.h", "proto/wmbus/keys.h", "dsp/"],
    "ctl": ["config/"],
    "daemon/base": ["config/", "dsp/opus.h"],
    "daemon/bus": ["daemon/base/", "config/", "proto/"],
    "daemon/nats": ["config/"],
    "daemon/source": ["daemon/base/", "config/", "dsp/", "sim/"],
    "daemon/receive": ["daemon/base/", "daemon/bus/", "daemon/source/", "config/", "proto/", "dsp/"],
    "daemon/picture": ["daemon/base/", "daemon/bus/", "config/", "proto/out/"],
    "daemon/serve": ["proto/format/", "daemon/base/", "daemon/bus/", "daemon/picture/", "daemon/source/", "daemon/receive/", "config/", "proto/out/", "dsp/opus.h"],
    "daemon/input": ["daemon/base/", "daemon/bus/", "daemon/nats/", "config/", "proto/"],
    "daemon/output": ["daemon/base/", "daemon/bus/", "daemon/picture/", "daemon/nats/", "config/", "proto/", "dsp/opus.h"],
    "daemon/capture": ["daemon/base/", "daemon/bus/", "daemon/source/", "daemon/receive/", "daemon/output/tape_name.h", "config/", "proto/out/", "proto/registry.h", "dsp/"],
    "daemon/event": ["daemon/base/", "daemon/bus/", "daemon/picture/", "config/", "proto/out/"],
    "daemon/run": [
        "daemon/base/", "daemon/bus/", "daemon/picture/", "daemon/source/", "daemon/receive/", "daemon/serve/", "daemon/input/", "daemon/output/",
        "daemon/capture/", "daemon/event/", "config/",
    ],
    "daemon/control": [
        "daemon/base/", "daemon/bus/", "daemon/picture/", "daemon/source/", "daemon/receive/", "daemon/serve/", "daemon/input/", "daemon/output/",
        "daemon/capture/", "daemon/event/", "daemon/run/", "config/", "proto/",
    ],
    "daemon/cmd": ["daemon/", "ctl/", "config/", "proto/", "dsp/", "sim/"],
}
PURE = ["dsp", "proto", "sim"]
PURE_SYSTEM = set(
    "assert.h complex.h errno.h float.h inttypes.h limits.h math.h stdalign.h stdarg.h stdbool.h"
    " stddef.h stdint.h stdio.h stdlib.h string.h immintrin.h arm_neon.h".split()
)
# files that stand in front of a library
PURE_LIBRARY = {"dsp/fft.c": ["fftw3.h"], "dsp/fft_kiss.c": ["kissfft/"], "dsp/opus.c": ["opus.h"],
                "proto/wmbus/cipher.c": ["openssl/"]}
# stdio.h is there for snprintf, stdlib.h for malloc: everything else of them is I/O or global
IMPURE = re.compile(
    r"\b(v?f?printf|v?dprintf|puts|fputs|putchar|perror|fopen|fread|fwrite|getenv|exit|abort|time"
    r"|clock|clock_gettime|s?rand|random|drand48|setlocale|strtok|localtime|gmtime|system"
    r"|pthread_\w+|thrd_\w+|mtx_\w+|uv_\w+)\s*\("
)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def without_comments(text):
    """The text with comments and strings blanked, line numbers kept."""

    def blank(m):
        return re.sub(r"[^\n]", " ", m.group(0))

    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def room_of(name):
    rooms = [room for room in MAY if name.startswith(room + "/")]
    return max(rooms, key=len, default=None)


def check_include(folder, name, kind, target):
    if kind == '"':
        if not (ROOT / target).is_file():
            return f'"{target}": give the path from the root of the project'
        room = room_of(name)
        if room is None:
            return f"no room of tests/includes.py holds {name}"
        if room_of(target) != room and not any(target.startswith(p) for p in MAY[room]):
            return f'{room}/ may not include "{target}", only: {", ".join(MAY[room]) or "itself"}'
    elif folder in PURE and target not in PURE_SYSTEM:
        if not any(target.startswith(p) for p in PURE_LIBRARY.get(name, [])):
            return f"{folder}/ is pure and may not include <{target}>"
    return None


def check_file(folder, path):
    name = str(path.relative_to(ROOT))
    text = path.read_text()
    bad = []
    for number, line in enumerate(text.split("\n"), 1):
        m = INCLUDE.match(line)
        wrong = m and check_include(folder, name, *m.groups())
        if wrong:
            bad.append(f"{name}:{number}: {wrong}")
    if folder in PURE:
        for number, line in enumerate(without_comments(text).split("\n"), 1):
            m = IMPURE.search(line)
            if m:
                bad.append(f"{name}:{number}: {folder}/ is pure and may not call {m.group(1)}()")
    return bad


def check_object(path):
    """Names of variables that can be written: pure code has none."""
    out = subprocess.run(["objdump", "-t", path], capture_output=True, text=True, check=True).stdout
    bad = []
    for line in out.splitlines():
        m = re.match(r"\S+ .....(..) (\.t?(?:data|bss)(?!\.rel\.ro)\S*)\s+\S+\s+(?:\.hidden )?(\S+)$", line)
        if m and m.group(1)[1] == "O":
            bad.append(f"{path}: variable {m.group(3)} in {m.group(2)}: pure code has no state")
    return bad


def circles():
    """A room may name only rooms above it in MAY, and daemon/ as a whole only from its last ones."""
    bad, above = [], []
    for room, targets in MAY.items():
        for target in targets:
            inside = [r for r in MAY if (r + "/").startswith(target) or target.startswith(r + "/")]
            bad += [f"tests/includes.py: {room}/ may include {t}/, which does not stand above it"
                    for t in inside if t not in above and t != room and target != "daemon/"]
        above.append(room)
    return bad


def main():
    bad = []
    for folder in dict.fromkeys(room.split("/")[0] for room in MAY):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            bad += check_file(folder, path)
    bad += circles()
    if len(sys.argv) > 1:
        objects = [p for f in PURE for p in Path(sys.argv[1], f).rglob("*.o")]
        if not objects:
            bad.append(f"{sys.argv[1]}: no objects of {', '.join(PURE)} there")
        for path in sorted(objects):
            bad += check_object(path)
    print("\n".join(bad) if bad else "includes: in order")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

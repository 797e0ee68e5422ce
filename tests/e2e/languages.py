"""Readers of the languages that tables and databases speak, written from their documents: they take
what the documents allow, and fail at all else. They share no code with hertzd."""
import re


class Wrong(Exception):
    pass


# -- CSV: RFC 4180 --------------------------------------------------------------------------------


def csv_rows(text):
    """The rows of a file. Lines end with CRLF, a field with a quote, a comma or a line end in it stands in
    quotes, and a quote in it is doubled."""
    rows, row, i = [], [], 0
    while i < len(text):
        if text[i] == '"':
            field, i = "", i + 1
            while True:
                end = text.find('"', i)
                if end < 0:
                    raise Wrong("a quote that is not closed")
                field, i = field + text[i:end], end + 1
                if text[i:i + 1] != '"':
                    break
                field, i = field + '"', i + 1
        else:
            field = re.match(r'[^",\r\n]*', text[i:])[0]
            i += len(field)
        row.append(field)
        if text[i:i + 2] == "\r\n":
            rows.append(row)
            row, i = [], i + 2
        elif text[i:i + 1] == ",":
            i += 1
        else:
            raise Wrong(f"{text[i:i + 1]!r} behind {field!r}")
    if row:
        raise Wrong("the last line has no end")
    if len({len(r) for r in rows}) > 1:
        raise Wrong("lines of different length")
    return rows


# -- InfluxDB: the line protocol -------------------------------------------------------------------
# https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/: a measurement, tags behind commas, a
# blank, fields between commas, a blank, the time in ns. In a measurement a backslash escapes commas and
# blanks; in keys and values of tags and in keys of fields equal signs too; elsewhere it is itself. In a text
# (in quotes) it escapes quotes and backslashes. Names begin with no underscore; "time" is no key; a line holds
# no key twice.

INT = re.compile(r"-?\d+i")
FLOAT = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
TRUTH = {**dict.fromkeys(["t", "T", "true", "True", "TRUE"], True), **dict.fromkeys(["f", "F", "false", "False", "FALSE"], False)}


def _token(text, i, ends, escaped):
    """Up to one of `ends` that is not escaped: (token, where it ends)."""
    out = ""
    while i < len(text) and text[i] not in ends:
        if text[i] == "\\" and text[i + 1:i + 2] and text[i + 1] in escaped:
            i += 1
        elif text[i] in escaped:
            raise Wrong(f"{text[i]!r} must be escaped in {text!r}")
        elif text[i] in "\n\r\0":
            raise Wrong("a line end in a name")
        out, i = out + text[i], i + 1
    if not out:
        raise Wrong(f"an empty name at {i} in {text!r}")
    if out.endswith("\\"):
        raise Wrong(f"a backslash at the end of {out!r}")
    return out, i


def _text(text, i):
    out, i = "", i + 1
    while text[i:i + 1] != '"':
        if not text[i:i + 1]:
            raise Wrong("a text that is not closed")
        if text[i] == "\\" and text[i + 1:i + 2] in ('"', "\\"):
            i += 1
        out, i = out + text[i], i + 1
    if len(out.encode()) > 64 * 1024:
        raise Wrong("a text of more than 64 KB")
    return out, i + 1


def _value(text, i):
    if text[i:i + 1] == '"':
        return _text(text, i)
    end = re.compile(r"[, ]|$").search(text, i).start()
    word = text[i:end]
    if word in TRUTH:
        return TRUTH[word], end
    if INT.fullmatch(word):
        return int(word[:-1]), end
    if FLOAT.fullmatch(word):
        return float(word), end
    raise Wrong(f"{word!r} is no value")


def _key(text, i, ends, taken):
    key, i = _token(text, i, ends, ", =")
    if key == "time" or key.startswith("_") or key in taken:
        raise Wrong(f"{key!r} cannot be a key here")
    return key, i


def influx_line(text):
    """(measurement, tags, fields, time in ns) of one line without its end."""
    measurement, i = _token(text, 0, ", ", ", ")
    if measurement.startswith(("_", "#")):
        raise Wrong(f"{measurement!r} is no measurement")
    tags, fields = {}, {}
    while text[i:i + 1] == ",":
        key, i = _key(text, i + 1, "=", tags)
        tags[key], i = _token(text, i + 1, ", ", ", =")
    if text[i:i + 1] != " ":
        raise Wrong("no fields")
    while True:
        key, i = _key(text, i + 1, "=", fields)
        fields[key], i = _value(text, i + 1)
        if text[i:i + 1] != ",":
            break
    if not re.fullmatch(r" -?\d{1,19}", text[i:]):
        raise Wrong(f"the time: {text[i:]!r}")
    return measurement, tags, fields, int(text[i + 1:])


def influx_lines(text):
    """Those of a whole answer; and a field is of one type in all lines of a measurement."""
    if not text.endswith("\n"):
        raise Wrong("the last line has no end")
    # a quoted text may hold line ends: what is cut there is not closed
    points, types = [influx_line(l) for l in text[:-1].split("\n")], {}
    for measurement, _, fields, _ in points:
        for key, value in fields.items():
            if types.setdefault((measurement, key), type(value)) is not type(value):
                raise Wrong(f"{key} of {measurement} is of two types")
    return points

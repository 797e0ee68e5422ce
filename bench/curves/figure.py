#!/usr/bin/python3
"""Tables and the figure of docs/hearing.md from what bench/curves/run measured; as a program: from
build/curves/results.json."""
import json
import re
from pathlib import Path

OURS, THEIRS = "#1764ab", ["#b3541e", "#777777"]
WIDTH, HEIGHT, LEFT, TOP = 400, 210, 46, 30  # of a panel, and where its axes begin


def threshold(points, share):
    """The SNR from which that share is heard, between points in a straight line; None: never."""
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if y0 < share <= y1:
            return x0 + (share - y0) / (y1 - y0) * (x1 - x0)
    return None


def text(x):
    return "–" if x is None else f"{x:.1f}".replace("-", "−")


def pair(points):
    return " / ".join(text(threshold(points, share)) for share in (0.5, 0.9))


def at(points, snr):
    """The share at an SNR, between points in a straight line, as text."""
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x0 <= snr <= x1:
            return f"{100 * (y0 + (y1 - y0) * (snr - x0) / (x1 - x0)):.1f} %"
    return "above the curve" if snr > points[-1][0] else "below the curve"


def replace(page, mark, body):
    return re.sub(rf"(<!-- {mark} -->\n).*?(<!-- end -->)", lambda m: m[1] + body + m[2], page, flags=re.S)


def best_peer(result):
    """(name, points) of the one with the lowest 50 % point; None when there is no peer."""
    peers = [(who, r["points"]) for who, r in result.items() if who != "hertzd"]
    return min(peers, key=lambda p: threshold(p[1], 0.5) or 99) if peers else None


def clean_table(results, floors):
    rows = ["| | hertzd | best other here | floor | wrong messages: hertzd, other |", "|---|---|---|---|---|"]
    for p, airs in results.items():
        clean = airs["clean"]
        peer = best_peer(clean)
        floor = " / ".join(text(x) for x in floors[p])
        marked = clean["hertzd"].get("marked", 0)
        wrong = f"{clean['hertzd']['false']} of {clean['hertzd']['sent']}"
        wrong += f" ({marked} marked)" if marked else ""
        if peer:
            wrong += f", {clean[peer[0]]['false']}"
        theirs = f"{pair(peer[1])} ({peer[0]})" if peer else "none in Debian"
        rows.append(f"| {p} | **{pair(clean['hertzd']['points'])}** | {theirs} | {floor} | {wrong} |")
    return "\n".join(rows) + "\n"


def air_table(results, names):
    shown = [p for p, airs in results.items() if len(airs) > 1]
    rows = ["| | " + " | ".join(shown) + " |", "|---" * (len(shown) + 1) + "|"]
    for air, name in names.items():
        cells = []
        for p in shown:
            result = results[p].get(air)
            cell = ""
            if result:
                cell = f"**{pair(result['hertzd']['points'])}**"
                peer = best_peer(result)
                cell += f"; {pair(peer[1])}" if peer else ""
            cells.append(cell)
        if any(cells):
            rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def lab_table(results, against):
    rows = ["| | dB | decoder | other generator | ours |", "|---|---|---|---|---|"]
    for protocol, snr, who, share, n in against:
        here = at(results[protocol]["clean"][who]["points"], snr)
        rows.append(f"| {protocol} | {snr:g} | {who} | {100 * share:.1f} % of {n} | {here} |".replace("| -", "| −"))
    return "\n".join(rows) + "\n"


def line(points, x, y, colour, dash):
    shape = " ".join(f"{x(snr):.1f},{y(share):.1f}" for snr, share in points)
    dots = "" if dash else "".join(
        f'<circle cx="{x(snr):.1f}" cy="{y(share):.1f}" r="2" fill="{colour}"/>' for snr, share in points)
    return (f'<polyline points="{shape}" fill="none" stroke="{colour}" stroke-width="2"'
            f'{" stroke-dasharray=" + chr(34) + "6 3" + chr(34) if dash else ""}/>' + dots)


def panel(name, result):
    """One protocol: yield over SNR."""
    all_points = [p for r in result.values() for p in r["points"]]
    low = min(p[0] for p in all_points) - 0.5
    high = max(r["points"][-1][0] for r in result.values()) + 0.5
    w, h = WIDTH - LEFT - 14, HEIGHT - TOP - 34

    def x(snr):
        return LEFT + (snr - low) / (high - low) * w

    def y(share):
        return TOP + (1 - share) * h

    out = [f'<text x="{LEFT}" y="16" font-weight="bold">{name}</text>']
    for share in (0, 0.5, 0.9, 1):
        out.append(f'<line x1="{LEFT}" x2="{LEFT + w}" y1="{y(share):.1f}" y2="{y(share):.1f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{100 * share:.0f} %</text>')
    for snr in range(int(low // 2 * 2) + 2, int(high) + 1, 2):
        out.append(f'<text x="{x(snr):.1f}" y="{TOP + h + 16}" text-anchor="middle">{snr}</text>'
                   .replace(">-", ">−"))
    peers = [who for who in result if who != "hertzd"]
    for i, who in enumerate(["hertzd"] + peers):
        colour = OURS if who == "hertzd" else THEIRS[i - 1]
        out.append(line(result[who]["points"], x, y, colour, who != "hertzd"))
        out.append(f'<text x="{LEFT + w}" y="{TOP + h - 8 - 14 * i}" text-anchor="end" fill="{colour}">{who}</text>')
    out.append(f'<text x="{LEFT + w}" y="{TOP + h + 30}" text-anchor="end">dB</text>')
    return "".join(out)


def svg(results):
    columns, rows = 2, (len(results) + 1) // 2
    body = "\n".join(f'<g transform="translate({i % columns * WIDTH},{i // columns * HEIGHT})">'
                     f'{panel(p, airs["clean"])}</g>' for i, (p, airs) in enumerate(results.items()))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * WIDTH}" height="{rows * HEIGHT}" '
            f'font-family="sans-serif" font-size="11"><title>Share of transmissions decoded, over the SNR'
            f'</title>\n<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n')


def write_docs(docs, measured):
    results = measured["curves"]
    page = (docs / "hearing.md").read_text()
    page = replace(page, "curves: clean", clean_table(results, measured["floors"]))
    page = replace(page, "curves: airs", air_table(results, measured["airs"]))
    page = replace(page, "curves: generators", lab_table(results, measured["lab"]))
    (docs / "hearing.md").write_text(page)
    (docs / "curves.svg").write_text(svg(results))


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    write_docs(root / "docs", json.loads((root / "build/curves/results.json").read_text()))

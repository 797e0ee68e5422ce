"""What the tests of outputs to services share."""
import re

import hz

IDLE = "[receiver sky]\nsource = sim\n[channel 1090]\ndecoder = adsb\n"


def outputs(d):
    return {o["name"]: o for o in d.rpc.result("status")["outputs"]}


def until(d, condition):
    """The status of [output out], once the condition holds."""
    return hz.wait(lambda: (lambda o: o if condition(o) else None)(outputs(d)["out"]))


def wrong(folder, section, words):
    """`hertzd check` refuses the section of an output with a line that has the words in it."""
    conf = folder / "x.conf"
    conf.write_text(f"{IDLE}[output out]\n{section}[listen l]\ntype = tcp\naddress = 127.0.0.1:0\n")
    done = hz.run("check", "-c", conf)
    assert done.returncode == 2
    text = done.stderr.decode()
    assert re.search(rf"^{re.escape(str(conf))}:\d+: ", text, re.M), text
    assert all(w in text for w in words), text

"""Manual pages, `hertzd keys`, completion and the report: what is told of the program itself."""
import json
import shutil
import subprocess

import hz
import pytest

MAN = hz.ROOT / "docs/man"
PAGES = ["hertzd.8", "hertzctl.1", "hertzd-decode.1", "hertzd.conf.5"]
plain = pytest.mark.skipif(hz.SANITIZED, reason="the words are those of the plain build")


@plain
def test_the_manual_pages_are_what_the_programs_say(tmp_path):
    subprocess.run([MAN / "make", tmp_path], check=True)
    for page in PAGES:
        assert (tmp_path / page).read_text() == (MAN / page).read_text(), f"{page}: make man"


@pytest.mark.parametrize("page", PAGES)
def test_a_manual_page_has_no_fault(page):
    if not shutil.which("man"):
        pytest.skip("man is not installed")
    env = {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["man", "--warnings", "-l", MAN / page], capture_output=True, text=True, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SEE ALSO" in done.stdout


def test_keys_tells_of_every_section_and_kind():
    out = subprocess.run([hz.BIN, "keys"], capture_output=True, text=True, check=True).stdout
    for heading in ("[hertzd]", "[receiver NAME] with source = rtlsdr", "[listen NAME] with type = http",
                    "[output NAME] with type = mqtt", "[channel NAME] with decoder = nfm", "[event NAME]", "[meter NAME]"):
        assert f"\n{heading}\n" in out
    one = subprocess.run([hz.BIN, "keys", "output", "mqtt"], capture_output=True, text=True, check=True).stdout
    assert "with type = mqtt" in one and "with type = file" not in one


@pytest.mark.parametrize("words, expected", [
    (["receivr"], "expected hertzd, receiver"), (["output", "mqt"], "expected one of"),
    (["hertzd", "x"], "has no kinds"), (["a", "b", "c"], "'c'"), (["--man", "output"], "takes no word")])
def test_keys_says_what_is_wrong(words, expected):
    done = subprocess.run([hz.BIN, "keys", *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert expected in done.stderr


def completed(program, *words):
    """What bash would offer for the last word."""
    script = (f'PATH="{hz.BIN.parent}:$PATH"; source "{hz.ROOT}/ctl/completion/{program}.bash"; '
              f'COMP_WORDS=({program} "$@"); COMP_CWORD={len(words)}; compopt() {{ :; }}; _{program}; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@plain
@pytest.mark.parametrize("words, offered", [
    (("hertzctl", "sta"), {"status", "stations"}), (("hertzctl", "help", "bi"), {"bias"}), (("hertzctl", "scan", "x", "--wr"), {"--write"}),
    (("hertzctl", "watch", "--min"), {"--min-snr"}), (("hertzctl", "bias", "roof", "o"), {"on", "off"}),
    (("hertzd", "deco"), {"decode", "decoders"}), (("hertzd", "decode", "-d", "ads"), {"adsb"}),
    (("hertzd", "decode", "-F", "bea"), {"beast"}), (("hertzd", "keys", "out"), {"output"}), (("hertzd", "setup", "--int"), {"--interests"}),
    (("hertzd", "keys", "output", "mq"), {"mqtt"}), (("hertzd", "decode", "--rep"), {"--repeats"})])
def test_bash_completes(words, offered):
    assert set(completed(*words)) == offered


def test_the_report_has_the_status_and_no_secret(tmp_path):
    conf = tmp_path / "some.conf"
    conf.write_text("[hertzd]\n#password = hidden1\n[output a]\ntype = mqtt\npassword = hidden2\n"
                    "url = mqtts://hidden3:hidden4@broker.lan/?k=hidden5\n[meter m]\nkey=hidden6\n topic = a=b\n")
    folder = tmp_path / "some.conf.d"
    folder.mkdir()
    (folder / "more.conf").write_text("[output b]\nbearer_token = hidden7\nheaders = X-Key: hidden8\n")
    with hz.Daemon(hz.SIM) as d:
        done = subprocess.run([hz.CTL, "--socket", d.sock, "report", conf], capture_output=True, text=True, check=True)
    text = done.stdout
    assert "hidden" not in text
    for line in ("[output b]", "type = mqtt", "topic = a=b", "url = mqtts://(not shown)@broker.lan/?(not shown)"):
        assert f"\n{line}\n" in text
    status = text.split("== status\n")[1].split("\n== ")[0]
    assert json.loads(status)["receivers"][0]["name"] == "sky"


def test_the_report_of_a_daemon_that_does_not_run_says_so(tmp_path):
    done = subprocess.run([hz.CTL, "--socket", tmp_path / "none", "report", tmp_path / "no.conf"],
                          capture_output=True, text=True)
    assert done.returncode == 0
    assert "none: no hertzd at" in done.stdout and "no.conf: No such file" in done.stdout

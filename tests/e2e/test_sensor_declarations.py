"""Declarations of one's own: in the configuration, in sensors.d beside it, and for one recording."""
import hz
import pytest

CONF = "[receiver roof]\nsource = sim\nscene = ism\n[channel s]\ndecoder = sensors\n"
LISTEN = "[listen lines]\ntype = tcp\naddress = 127.0.0.1:7373\n"
MINE = "[sensor greenhouse]\nlike = nexus-th\nmodel = Greenhouse\ntwins = nexus-th\nprefer = yes\n"


def check(tmp_path, text, **files):
    (tmp_path / "sensors.d").mkdir(exist_ok=True)
    for name, content in files.items():
        (tmp_path / f"sensors.d/{name}.conf").write_text(content)
    (tmp_path / "hertzd.conf").write_text(text + LISTEN)
    done = hz.run("check", "-c", tmp_path / "hertzd.conf")
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.plain
def test_check_shows_the_set(tmp_path):
    code, out, err = check(tmp_path, CONF + "[sensor prologue]\nuse = no\n", mine=MINE)
    assert code == 0, err
    assert "examples read as they should" in out
    assert f"greenhouse, Greenhouse: strength 6, {tmp_path}/sensors.d/mine.conf:1" in out
    code, out, err = check(tmp_path, CONF.replace("sensors", "nfm\nfrequency = 433.9M"), mine="[sensor broken]\n")
    assert code == 0 and "examples" not in out, "nobody listens to sensors: they are not read"


@pytest.mark.plain
def test_every_error_has_its_file_and_line(tmp_path):
    code, _, err = check(tmp_path, CONF + "[sensor a]\nlike = nexus-tt\n[sensor b]\nlike = nexus-th\n.x = 30:9\n",
                         one="[sensor c]\nlike = nexus-th\ncheck = crc8(0:8)\n.y = humidty\n",
                         two='[sensor d]\nlike = nexus-th\nexample = {36}b510bef47 -> {"id": 180}\n')
    assert code == 2
    where = tmp_path / "sensors.d"
    for line in (f"{tmp_path}/hertzd.conf:7: like = nexus-tt: there is no [sensor nexus-tt]; did you mean 'nexus-th'?",
                 f"{tmp_path}/hertzd.conf:10: .x: 30:9 ends at bit 39: expected at most the 36 bits that there are",
                 f"{where}/one.conf:3: check: expected crcN(BITS, POLY, INIT, XOR), not ')'",
                 f"{where}/one.conf:4: .y: unknown name 'humidty': expected a field of this sensor; did you mean 'humidity'?",
                 f"{where}/two.conf:3: example of d: id is 181: expected 180"):
        assert line in err.splitlines(), err


@pytest.mark.plain
def test_the_decoder_lists_its_sensors():
    done = hz.run("decoders", "sensors")
    assert done.returncode == 0
    line, = (l for l in done.stdout.decode().splitlines() if " rubicson " in l)
    assert line.split()[:4] == ["Rubicson-Temperature", "rubicson", "OOK", "36"] and " crc8 " in line


@pytest.mark.plain
def test_a_recording_is_read_with_further_declarations(tmp_path):
    mine = tmp_path / "mine.conf"
    done = hz.run("decode", "--sensors", mine, "-d", "sensors", "-r", "250k", "-f", "433.92M", "-t", "cu8", "-", stdin=b"")
    assert done.returncode == 2 and f"{mine}:0: cannot be read".encode() in done.stderr
    mine.write_text(MINE + "bits = none\n")
    done = hz.run("decode", "--sensors", mine, "-d", "sensors", "-r", "250k", "-f", "433.92M", "-t", "cu8", "-", stdin=b"")
    assert done.returncode == 2 and f"{mine}:6: bits = none: expected data bits".encode() in done.stderr


@pytest.mark.plain
def test_a_reload_takes_new_declarations_or_says_what_is_wrong():
    with hz.Daemon(CONF) as d:
        folder = d.dir / "sensors.d"
        folder.mkdir()
        (folder / "mine.conf").write_text("[sensor x]\nlike = nobody\n")
        why = d.rpc.ask("reload")["error"]["message"]
        assert f"{folder}/mine.conf:2: like = nobody: there is no [sensor nobody]" in why
        (folder / "mine.conf").write_text(MINE)
        assert "result" in d.rpc.ask("reload")
        assert "result" in d.rpc.ask("reload")
        assert [c["name"] for c in d.rpc.result("channels")] == ["s"]


@pytest.mark.tsan
def test_bursts_are_decoded_while_the_set_is_replaced():
    with hz.Daemon(CONF) as d:
        c = hz.Lines(d.tcp)
        folder = d.dir / "sensors.d"
        folder.mkdir()
        for i in range(8):
            (folder / "mine.conf").write_text(MINE + f".round = {i}\n")
            assert "result" in d.rpc.ask("reload")
        hz.messages(c, 2)
        c.close()


@pytest.mark.plain
def test_a_channel_that_is_added_gets_the_set():
    with hz.Daemon(CONF.replace("decoder = sensors", "decoder = nfm\nfrequency = 434.2M")) as d:
        params = {"receiver": "roof", "name": "late", "decoder": "sensors"}
        assert d.rpc.result("add_channel", **params) == {"added": "late"}
        hz.wait(lambda: any(c["name"] == "late" and not c.get("error") for c in d.rpc.result("channels")))
        c = hz.Lines(d.tcp)
        assert any(m["channel"] == "late" for m in hz.messages(c, 1))
        c.close()

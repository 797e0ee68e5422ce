import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import hz  # noqa: E402
import modes  # noqa: E402


@pytest.fixture(scope="session")
def shared():
    """The folder of recordings that are not part of the project."""
    if not hz.SHARED.is_dir():
        pytest.skip(f"no recordings at {hz.SHARED} (set HZ_SHARED)")
    return hz.SHARED


@pytest.fixture(scope="session")
def air(tmp_path_factory):
    """A capture of our own: 300 frames, all distinct, 0.45 s at 2.4 Msps."""
    path = tmp_path_factory.mktemp("air") / "flights_1090M_2400k.cu8"
    path.write_bytes(modes.capture(modes.flights(300)))
    return path


@pytest.fixture(scope="session")
def sent():
    """What `air` holds, in order, as hex."""
    return [f.hex() for f in modes.flights(300)]


@pytest.fixture(scope="session")
def capture(tmp_path_factory):
    """A second of air traffic for a dongle or a server to play again and again: 800 frames, all
    distinct."""
    path = tmp_path_factory.mktemp("capture") / "capture_1090M_2400k.cu8"
    path.write_bytes(modes.capture(modes.flights(800), snr_db=20, spacing_s=1.2e-3))
    return path


@pytest.fixture(autouse=True)
def no_client_left():
    yield
    for client in list(hz.Web.open):
        client.drop()

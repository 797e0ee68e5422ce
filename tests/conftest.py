"""What all tests from outside share: those that need ../shared are counted apart where it is missing."""
import os
from pathlib import Path

SHARED = Path(os.environ.get("HZ_SHARED", Path(__file__).resolve().parents[2] / "shared"))
left_out = []


def pytest_collection_modifyitems(config, items):
    """A recording that is not there is no reason to skip: such tests are not part of this run."""
    if SHARED.is_dir():
        return
    left_out[:] = [item for item in items if "shared" in getattr(item, "fixturenames", ())]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter):
    if left_out:
        terminalreporter.write_line(f"not run: {len(left_out)} need ../shared, which is not here")

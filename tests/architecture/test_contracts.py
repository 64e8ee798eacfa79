"""The import contracts of pyproject.toml, proven to fail when they are broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.houses import APPS, ROOT

BREAKS = {
    "layers-of-apps": ("places/selectors.py", "import feeds.apps"),
    "layers-in-an-app": ("accounts/states.py", "import accounts.models"),
    "domain-is-free-of-frameworks": ("catalog/models/products.py", "import rest_framework"),
    "simulator-stands-apart": ("stripe_simulator/world.py", "import core.errors"),
    "simulator-is-for-tests": ("payments/rules.py", "import stripe_simulator.testing"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(  # noqa: S603
        [str(script), "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for app in [*APPS, "stripe_simulator"]:
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("tests", "__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_as_it_stands_keeps_every_contract(copy: Path):
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_contract_is_seen(copy: Path, contract: str):
    path, line = BREAKS[contract]
    with (copy / path).open("a") as file:
        file.write(f"\n{line}\n")
    result = lint(copy)
    assert result.returncode == 1
    assert path.removesuffix(".py").replace("/", ".") in result.stdout

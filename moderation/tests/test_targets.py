import ast
from pathlib import Path

import pytest

from core.errors import NotFound
from moderation import targets
from moderation.tests.pamphlets import PamphletTarget

SOURCES = [
    path
    for path in Path(__file__).parent.parent.rglob("*.py")
    if "tests" not in path.parts and "migrations" not in path.parts
]


def test_a_new_kind_of_content_is_known_as_soon_as_it_registers():
    """The pamphlets of these tests are such a kind: reported, queued, drawn, decided and undone by every other test here."""
    assert isinstance(targets.target_of("pamphlet"), PamphletTarget)
    assert "pamphlet" in targets.kinds()


@pytest.mark.parametrize("ask", [targets.target_of, targets.report_door])
def test_an_unknown_kind_is_not_found(ask):
    with pytest.raises(NotFound):
        ask("poem")


def test_moderation_imports_no_content_app_and_names_no_kind_but_its_own():
    content_apps = {"catalog", "feeds", "payments", "notifications", "messaging", "live", "trust", "orders", "offers"}
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            modules = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            )  # fmt: skip
            assert not {module.split(".")[0] for module in modules} & content_apps, path
            if isinstance(node, ast.Constant):
                assert node.value not in ("product", "pamphlet", "listing"), (path, node.lineno)

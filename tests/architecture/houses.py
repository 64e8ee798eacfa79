"""What the architecture tests read: the apps in their order and the syntax trees of their files."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# Lowest first. Apps of one row may not import each other.
ROWS = (
    ("core",),
    ("places",),
    ("accounts",),
    ("media",),
    ("moderation",),
    ("catalog",),
    ("payments", "messaging"),
    ("orders",),
    ("offers",),
    ("trust",),
    ("live",),
    ("feeds",),
    ("search",),
    ("notifications",),
    ("analytics",),
    ("demo",),
    ("config",),
)
HEIGHT = {app: row for row, apps in enumerate(ROWS) for app in apps}
APPS = [app for app in HEIGHT if (ROOT / app).is_dir()]
DOMAINS = [app for app in APPS if app not in ("core", "config", "demo")]


@cache
def trees() -> dict[Path, ast.Module]:
    """Every file of ours but tests and migrations, parsed."""
    found = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            relative = path.relative_to(ROOT)
            if not {"tests", "migrations"} & set(relative.parts):
                found[relative] = ast.parse(path.read_text(), str(relative))
    return found


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every module named by an import outside `if TYPE_CHECKING`, with its line."""
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                yield f"{node.module}.{name.name}", node.lineno
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno

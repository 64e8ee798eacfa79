import ast
from collections import Counter

import config.settings as whole
from tests.architecture.houses import ROOT

TOPICS = sorted(path for path in (ROOT / "config/settings").glob("*.py") if path.stem != "__init__")


def set_in(path) -> set[str]:
    written = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)]
    return {node.id for node in written if isinstance(node.ctx, ast.Store) and node.id.isupper()}


def test_no_setting_is_set_in_two_topics():
    times = Counter(name for path in TOPICS for name in set_in(path))
    assert [name for name, n in times.items() if n > 1] == []


def test_django_finds_what_every_topic_sets():
    assert [f"{path.stem}.{name}" for path in TOPICS for name in set_in(path) if not hasattr(whole, name)] == []

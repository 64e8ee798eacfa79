import ast

import pytest
from django.apps import apps

from core.errors import Refusal
from tests.architecture.houses import DOMAINS, HEIGHT, imports, trees

PUBLIC = {
    "actions", "selectors", "events", "errors", "states", "ports", "models", "rules", "shapes", "words",
    "ranking", "targets", "scanner",
}  # fmt: skip
DOORS = {"api", "web", "consumers.py"}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "services.py", "signals.py", "utils", "helpers", "services"}


def test_foreign_keys_point_down():
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model is not None
        and model._meta.app_label in HEIGHT
        and field.related_model._meta.app_label in HEIGHT
        and HEIGHT[field.related_model._meta.app_label] > HEIGHT[model._meta.app_label]
    ]
    assert wrong == []


def test_rows_of_the_kernel_point_nowhere():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config("core").get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model._meta.app_label != "core"
    ]
    assert wrong == []


def test_other_apps_are_used_through_their_public_modules():
    wrong = []
    for path, tree in trees().items():
        app = path.parts[0]
        if app in ("config", "demo"):
            continue
        for name, line in imports(tree):
            parts = name.split(".")
            if parts[0] in DOMAINS and parts[0] != app and (len(parts) < 2 or parts[1] not in PUBLIC):
                wrong.append(f"{path}:{line} imports {name}")
    assert wrong == []


def test_no_file_is_a_drawer_for_everything():
    assert [str(p) for p in trees() if FORBIDDEN_NAMES & set(p.parts)] == []


def test_states_are_moved_and_never_written():
    wrong = []
    for path, tree in trees().items():
        if path.parts[0] == "demo" or str(path) in ("core/states.py", "core/deliveries.py"):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Assign | ast.AugAssign):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            wrong += [
                f"{path}:{node.lineno}"
                for t in targets
                if isinstance(t, ast.Attribute) and t.attr == "state" and ast.unparse(t.value) != "self"
            ]
    assert wrong == []


@pytest.mark.parametrize(
    ("attribute", "allowed"),
    [
        ("delay", ()),
        ("apply_async", ("core/management/commands/relay.py",)),
        ("mark_safe", ("core/templatetags/souk.py",)),  # icons and pictures, made of escaped parts only
        ("receiver", ()),
        ("database_sync_to_async", ()),  # one thread for everybody, unless told otherwise: `core.realtime.threads.db`
        ("sync_to_async", ()),
        ("DatabaseSyncToAsync", ("core/realtime/threads.py",)),
    ],
)
def test_what_nobody_calls(attribute, allowed):
    wrong = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == attribute and str(path) not in allowed:
                    wrong.append(f"{path}:{node.lineno}")
    assert wrong == []


def test_locks_name_their_own_table():
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "select_for_update"
        and "of" not in {k.arg for k in node.keywords}
    ]
    assert wrong == []


def test_models_do_not_override_save():
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in trees().items()
        if "models" in (path.stem, path.parent.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in ("save", "delete")
    ]
    assert wrong == []


def test_doors_ask_selectors_and_call_actions():
    wrong = [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for path, tree in trees().items()
        if path.parts[0] in DOMAINS and DOORS & set(path.parts)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        # `queryset = X.objects.none()` only tells the schema which model a viewset is about
        and not any(isinstance(p, ast.Attribute) and p.attr == "none" and p.value is node for p in ast.walk(tree))
    ]
    assert wrong == []


def test_refusals_have_stable_codes_of_their_app():
    def below(cls):
        for sub in cls.__subclasses__():
            yield sub
            yield from below(sub)

    ours = [c for c in below(Refusal) if c.__module__.split(".")[0] in DOMAINS]
    wrong = [
        f"{c.__module__}.{c.__name__}: {c.code}"
        for c in ours
        if not c.code.startswith(c.__module__.split(".")[0] + ".")
    ]
    codes = [c.code for c in ours]
    assert wrong == []
    assert sorted(codes) == sorted(set(codes))


def test_rooms_are_not_too_long():
    long = [
        f"{path}: {len(path.read_text().splitlines())} lines"
        for path in trees()
        if "data" not in path.parts and path.parts[0] != "demo" and len(path.read_text().splitlines()) > 420
    ]
    assert long == []

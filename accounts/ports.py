"""What accounts asks of the apps above it: their part of a person's data, whether the person may go, what comes with who arrives."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User

# (user) -> ("app/name.json", bytes | anything that JSON can hold), one pair for each file of the zip
Exporter = Callable[["User"], Iterator[tuple[str, Any]]]
# (user) -> {"addresses": 3}: what was erased, for the receipt. Runs in the erasure's transaction, with the person locked.
# Files are erased by whoever hears `accounts.person_erased`.
Eraser = Callable[["User"], dict[str, int]]
# (user) -> a sentence that says what is unfinished, or None
ErasureBlocker = Callable[["User"], Any]

# (user, request): what a browser or app kept for a stranger becomes the person's
Greeter = Callable[["User", "HttpRequest"], None]

_exporters: dict[str, Exporter] = {}
_erasers: dict[str, Eraser] = {}
_erasure_blockers: dict[str, ErasureBlocker] = {}
_greeters: dict[str, Greeter] = {}


def register_exporter(name: str, fn: Exporter) -> None:
    """Called from an app's `apps.py` when the apps are ready. `name` is the app's, and its folder in the zip."""
    _exporters[name] = fn


def register_eraser(name: str, fn: Eraser) -> None:
    """Called from an app's `apps.py` when the apps are ready."""
    _erasers[name] = fn


def register_erasure_blocker(name: str, fn: ErasureBlocker) -> None:
    """Called from an app's `apps.py` when the apps are ready."""
    _erasure_blockers[name] = fn


def register_greeter(name: str, fn: Greeter) -> None:
    """Called from an app's `apps.py` when the apps are ready."""
    _greeters[name] = fn


def greet(user: "User", request: "HttpRequest") -> None:
    """Somebody signed in, at whichever door: let every app bring over what the request carries."""
    for _name, fn in sorted(_greeters.items()):
        fn(user, request)


def exporters() -> dict[str, Exporter]:
    return dict(sorted(_exporters.items()))


def erasers() -> dict[str, Eraser]:
    return dict(sorted(_erasers.items()))


def erasure_blockers(user: "User") -> list[str]:
    """Why this person cannot be erased now, in sentences."""
    answers = (fn(user) for _name, fn in sorted(_erasure_blockers.items()))
    return [str(answer) for answer in answers if answer]

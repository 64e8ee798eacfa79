"""What is due, one by one."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from core.errors import Refusal

log = structlog.get_logger(__name__)

Due = TypeVar("Due")


def each(due: Iterable[Due], do: Callable[[Due], int], *, expected: tuple[type[Exception], ...] = (Refusal,)) -> int:
    """Do it to everything that is due, and return the sum of what that says. `do` opens a transaction of its own.

    One that fails keeps none of the others waiting, and is due again at the next sweep. What is `expected` (refused, because something
    changed meanwhile) is a line in the log; anything else is a fault of ours, and stands there with its traceback.
    """
    done = 0
    for one in due:
        try:
            done += do(one)
        except expected as error:
            log.warning("sweep_refused", sweep=do.__qualname__, what=_key(one), error=repr(error))
        except Exception:  # whatever broke, it is nobody else's fault
            log.exception("sweep_failed", sweep=do.__qualname__, what=_key(one))
    return done


def _key(one: object) -> str:
    """A row's key, which names nobody; what is no row is a key already."""
    return str(getattr(one, "pk", one))

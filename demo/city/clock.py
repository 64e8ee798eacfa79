"""The city's clock can be set back, so that what people did weeks ago is written down as of then: the ledger, invoices and
everything else that may not be touched up afterwards (`past` does that for the rest).

Only in a process that builds the city: nobody else looks at this clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils import timezone


class Clock:
    """How far back `timezone.now()` is in this process."""

    def __init__(self) -> None:
        self.back = timedelta(0)

    def wind(self, moment: datetime) -> None:
        """It is `moment` now, and time goes on from there."""
        self.back = datetime.now(UTC) - moment


class _EveryDatetime(type):
    """Whatever is a datetime is one of ours."""

    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, datetime)


@contextmanager
def set_back() -> Iterator[Clock]:
    """In here `timezone.now()`, also as the default of a column, tells the time of the clock."""
    clock, real = Clock(), vars(timezone)["datetime"]

    class Wound(datetime, metaclass=_EveryDatetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - clock.back

    vars(timezone)["datetime"] = Wound
    try:
        yield clock
    finally:
        vars(timezone)["datetime"] = real

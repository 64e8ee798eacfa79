"""Sweeps: what is due is done one by one, and one fault is one fault."""

import pytest
from structlog.testing import capture_logs

from core.errors import NotFound
from core.sweeps import each


def test_what_fails_keeps_none_of_the_others_waiting():
    def half(number: int) -> int:
        if number == 2:
            raise NotFound
        return 6 // number

    with capture_logs() as said:
        assert each([1, 2, 0, 3], half) == 8
    assert [(line["event"], line["what"], line["log_level"]) for line in said] == [
        ("sweep_refused", "2", "warning"),
        ("sweep_failed", "0", "error"),
    ]
    assert said[1]["exc_info"]


def test_what_is_expected_can_be_something_else():
    def ask(_: int) -> int:
        raise ConnectionError

    with capture_logs() as said:
        assert each([1], ask, expected=(ConnectionError,)) == 0
    assert [line["event"] for line in said] == ["sweep_refused"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_is_told_to_stop_stops(stop):
    def do(_: int) -> int:
        raise stop

    with pytest.raises(stop):
        each([1, 2], do)

"""How bodies are read."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError

DEEPEST = 20  # no body of ours is half as deep


class JSONParser(parsers.JSONParser):
    """DRF's, except that a body as deep as a well is refused: reading, checking and quoting it would recurse to its ground."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            sent = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("This is nested too deeply.")) from None
        if is_too_deep(sent):
            raise ParseError(_("This is nested too deeply."))
        return sent


def is_too_deep(sent: Any) -> bool:
    """Whether JSON that was read has more than `DEEPEST` lists and objects inside each other."""
    level = [sent]
    for _depth in range(DEEPEST + 1):
        level = [part for whole in level if isinstance(whole, Mapping | list) for part in _parts(whole)]
        if not level:
            return False
    return True


def _parts(whole: Any) -> Any:
    return whole.values() if isinstance(whole, Mapping) else whole

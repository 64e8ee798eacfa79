"""How bodies are read."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 20  # no body of ours is half as deep


class JSONParser(BaseParser):
    """JSON by orjson, which refuses what no column holds and no answer could repeat: half surrogate pairs and numbers that are none.

    A body as deep as a well is refused too: checking and quoting it would recurse to its ground.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError."""
        try:
            sent = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(_("This is no JSON: {error}").format(error=error)) from None
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

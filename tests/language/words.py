"""The words of the source, read without gettext's tools: Python by Babel, templates by Django and then Babel."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "ar" / "LC_MESSAGES" / "django.po"
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# As `manage.py makemessages -i .venv -i "static/*"` skips them, and what only a running place makes.
_SKIPPED = {"static", "staticfiles", "media-files", "node_modules"}
_PLACEHOLDER = re.compile(r"%%?\(\w+\)[sd]|%%?[sd]|{\w*}|</?[a-z]+>")

Key = tuple[str | None, str]


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ar")


def messages() -> list[Message]:
    return [message for message in catalogue() if message.id]


def key_of(message: Message) -> Key:
    return message.context, message.id[0] if message.pluralizable else message.id


def words_of_the_source() -> set[Key]:
    return {key for path in _sources() for key in _words_in(path)}


def plurals_of_the_source() -> dict[Key, set[str]]:
    """What each singular becomes for many. A catalogue has room for one plural only."""
    plurals: dict[Key, set[str]] = {}
    for path in _sources():
        for context, words in _found_in(path):
            if isinstance(words, tuple):
                plurals.setdefault((context, words[0]), set()).add(words[1])
    return plurals


def placeholders(text: str) -> list[str]:
    """What stands in a text for something else, and its tags: a translation keeps them."""
    return sorted(_PLACEHOLDER.findall(text))


def _sources() -> Iterator[Path]:
    for path in ROOT.rglob("*"):
        inside = path.relative_to(ROOT).parts
        if path.suffix in {".py", ".html", ".txt"} and not any(p.startswith(".") or p in _SKIPPED for p in inside):
            yield path


def _words_in(path: Path) -> Iterator[Key]:
    for context, words in _found_in(path):
        yield context, words[0] if isinstance(words, tuple) else words


def _found_in(path: Path) -> Iterator[tuple[str | None, str | tuple[str, ...]]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = f"({templatize(text)}\n)"  # brackets, because what stands around the calls is not indented as code is
    for _line, words, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        yield context, words

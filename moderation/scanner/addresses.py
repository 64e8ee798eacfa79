"""Mail addresses, links, and names on other apps, also when they are written to get past a reader like this one."""

import re
from collections.abc import Collection

from moderation.scanner.reading import Reading, Span, Token, stems
from moderation.scanner.words import (
    APPS,
    AT_WORDS,
    BEFORE_SHORT_APPS,
    CONTACTS,
    DOT_WORDS,
    KNOWN_HOSTS,
    MAIL_WORDS,
    MORE_PROVIDERS,
    NAMED_BY,
    NO_NAMES,
    NOT_A_WAY,
    PLACES_TOO,
    PLAIN_TLDS,
    PROVIDERS,
    SHORT_APPS,
    SHORT_TLDS,
    SPOKEN_TLDS,
    TLDS,
)
from moderation.states import MarkKind

BRACKETS = frozenset("()[]{}<>*\"'")
WITHIN = frozenset("._+-")  # what stands inside names and addresses
LONGEST = 16  # tokens of one address
NEAR = 5  # words around the name of an app that say what it is doing there

_URL = re.compile(r"\bh(?:tt|xx)ps?\s?:\s?/\s?/\s?(\S+)|\bwww\s?\.\s?(\S+)")
_HOST = re.compile(r"[^/:?#]*")


# --- mail ----------------------------------------------------------------------------------------------------------


def find_emails(reading: Reading) -> list[Span]:
    """name@example.com, "name at gmail dot com", "name (at) gmail", "my mail is khaled.88"."""
    tokens = reading.tokens
    found = [_mail_around(tokens, at) for at, token in enumerate(tokens) if token.text in AT_WORDS]
    found += [_mail_before(tokens, at) for at, token in enumerate(tokens) if token.text in PROVIDERS]
    found += [_named(tokens, at, MarkKind.EMAIL) for at, token in enumerate(tokens) if token.text in MAIL_WORDS]
    return [span for span in found if span is not None]


def _mail_around(tokens: list[Token], at: int) -> Span | None:
    """An address whose @, however written, stands at this place."""
    name, host = _past_brackets(tokens, at, -1), _past_brackets(tokens, at, 1)
    if name is None or host is None or not tokens[name].is_word or not tokens[host].is_word:
        return None
    sign = tokens[at].text == "@"
    end = _domain_end(tokens, host, spoken=True)
    if end is None:
        if tokens[host].text not in (MORE_PROVIDERS if sign else PROVIDERS):
            return None
        if not sign and (
            tokens[name].text in NO_NAMES or (tokens[host].text in PLACES_TOO and tokens[name].text.isalpha())
        ):
            return None
        end = host
    return Span(MarkKind.EMAIL, tokens[_name_start(tokens, name)].start, tokens[end].end)


def _mail_before(tokens: list[Token], at: int) -> Span | None:
    """ "khaled88 gmail com": no sign at all, but a name, a provider and an ending."""
    end = _domain_end(tokens, at, spoken=True)
    if end is None and at + 1 < len(tokens) and tokens[at + 1].text in SPOKEN_TLDS:
        end = at + 1
    name = at - 1
    if end is None or name < 0 or not tokens[name].is_word:
        return None
    return Span(MarkKind.EMAIL, tokens[_name_start(tokens, name)].start, tokens[end].end)


def _past_brackets(tokens: list[Token], at: int, step: int) -> int | None:
    """The next token in this direction that is no bracket or quotation mark, two of which are passed at most."""
    for distance in range(1, 4):
        place = at + distance * step
        if not 0 <= place < len(tokens):
            return None
        if tokens[place].text not in BRACKETS:
            return place
    return None


def _name_start(tokens: list[Token], at: int) -> int:
    """Where the name that ends at this token begins."""
    first = at
    for place in range(at - 1, max(-1, at - LONGEST), -1):
        token = tokens[place]
        if token.end != tokens[place + 1].start or not (token.is_word or token.text in WITHIN):
            break
        if token.is_word:
            first = place
    return first


def _domain_end(tokens: list[Token], at: int, *, spoken: bool) -> int | None:
    """The last token of a domain that begins here: words with dots, however written, and an ending that exists."""
    end, place = None, at
    for _step in range(4):
        dot = _past_brackets(tokens, place, 1)
        if dot is None or tokens[dot].text not in DOT_WORDS:
            return end
        if tokens[dot].text == "." and not spoken and tokens[dot].start != tokens[place].end:
            return end
        ending = _past_brackets(tokens, dot, 1)
        if ending is None or not tokens[ending].is_word:
            return end
        if tokens[ending].text in TLDS or (
            tokens[ending].text in SHORT_TLDS and tokens[dot].end == tokens[ending].start
        ):
            end = ending
        place = ending
    return end


# --- links ---------------------------------------------------------------------------------------------------------


def find_links(reading: Reading, *, own_hosts: Collection[str]) -> list[Span]:
    """Addresses of pages, but for our own."""
    text, found = reading.text, []
    for match in _URL.finditer(text):
        rest = match.group(1) or match.group(2)
        host = _HOST.match(rest)
        if host and not _is_ours(host.group(), own_hosts):
            found.append(Span(MarkKind.LINK, match.start(), match.end()))
    return found + _bare_links(reading, own_hosts)


def _bare_links(reading: Reading, own_hosts: Collection[str]) -> list[Span]:
    """Hosts without http: "bit.ly/x", "mystore.com", "mystore dot com"."""
    tokens, found = reading.tokens, []
    for at in range(1, len(tokens) - 1):
        dot, before, after = tokens[at], tokens[at - 1], tokens[at + 1]
        if dot.text in DOT_WORDS and before.is_word and after.is_word and _is_host(reading, before, dot, after):
            start = tokens[_name_start(tokens, at - 1)].start
            if not _is_ours(reading.text[start : after.end], own_hosts):
                found.append(Span(MarkKind.LINK, start, _path_end(reading.text, after.end)))
    return found


def _is_host(reading: Reading, before: Token, dot: Token, after: Token) -> bool:
    if dot.text != ".":
        return after.text in SPOKEN_TLDS
    widest = max(dot.start - before.end, after.start - dot.end)
    if widest > 1 or before.text.isdigit():
        return False
    if f"{before.text}.{after.text}" in KNOWN_HOSTS or after.text in PLAIN_TLDS:
        return True
    if after.text in TLDS:
        return not widest and not _begins_a_sentence(reading, after)
    return after.text in SHORT_TLDS and not widest and reading.text[after.end : after.end + 1] == "/"


def _begins_a_sentence(reading: Reading, word: Token) -> bool:
    """ "For sale.Online payment is fine": the writer forgot the space."""
    written = reading.original[reading.places[word.start] : reading.places[word.end - 1] + 1]
    return written[0].isupper() and not written.isupper()


def _path_end(text: str, end: int) -> int:
    if end < len(text) and text[end] in "/?#:":
        while end < len(text) and not text[end].isspace():
            end += 1
    return end


def _is_ours(host: str, own_hosts: Collection[str]) -> bool:
    return any(own and (host == own or host.endswith(f".{own}")) for own in own_hosts)


# --- names on other apps -------------------------------------------------------------------------------------------


def find_handles(reading: Reading) -> list[Span]:
    """Other apps as a way to talk ("add me on insta", "واتساب؟") with the name that follows, and @names."""
    tokens, found = reading.words, []
    at = 0
    while at < len(tokens):
        last = _app_at(tokens, at)
        if last is not None and _is_a_way(tokens, at, last):
            span = _named(tokens, last, MarkKind.HANDLE)
            found.append(Span(MarkKind.HANDLE, tokens[at].start, span.end if span else tokens[last].end))
            at = last
        elif tokens[at].text == "@":
            found += _at_name(tokens, at)
        at += 1
    return found


def _app_at(tokens: list[Token], at: int) -> int | None:
    """The last token of an app's name that begins here."""
    token = tokens[at]
    if not token.is_word:
        return None
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    for stem in stems(token.text):
        if following is not None and f"{stem} {following.text}" in APPS:
            return at + 1
        if stem in APPS:
            return at
        if stem in SHORT_APPS and (
            _says_an_app_follows(tokens, at) or (stem != token.text and token.text.startswith("ع"))
        ):
            return at
    return None


def _says_an_app_follows(tokens: list[Token], at: int) -> bool:
    before = tokens[at - 1].text if at else ""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    return before in BEFORE_SHORT_APPS or (after in (":", "@", "=") and at + 2 < len(tokens))


def _is_a_way(tokens: list[Token], first: int, last: int) -> bool:
    """Whether people are asked to go there, rather than told what a telephone can do."""
    before = [token.text for token in tokens[max(0, first - NEAR - 2) : first] if token.is_word][-NEAR:]
    after = [token.text for token in tokens[last + 1 : last + 3 + NEAR] if token.is_word][:NEAR]
    if after and after[0] in NOT_A_WAY:
        return False
    around = [stem for word in (*before, *after) for stem in stems(word)]
    return not any(word in NOT_A_WAY for word in around) or any(word in CONTACTS for word in around)


def _named(tokens: list[Token], at: int, kind: MarkKind) -> Span | None:
    """Up to the name that follows this token: "insta: souq.88", "my email is khaled_m"."""
    place, introduced = at + 1, False
    for _step in range(3):
        if place < len(tokens) and (tokens[place].text in NAMED_BY or tokens[place].text in (":", "=", "@", "-")):
            introduced = introduced or tokens[place].text in (":", "=", "@") or kind != MarkKind.EMAIL
            place += 1
    if place >= len(tokens) or not tokens[place].is_word:
        return None
    end = place
    while end + 2 < len(tokens) and tokens[end + 1].text in WITHIN and tokens[end + 2].end - tokens[end].end <= 40:
        if tokens[end + 1].start != tokens[end].end or tokens[end + 2].start != tokens[end + 1].end:
            break
        if not tokens[end + 2].is_word or end - place > LONGEST:
            break
        end += 2
    name = "".join(token.text for token in tokens[place : end + 1])
    odd = any(c.isdigit() or c in "._" for c in name) and any(c.isalpha() for c in name)
    explicit = introduced and place > at + 1 and tokens[place - 1].text in ("@", ":", "=")
    return Span(kind, tokens[at].start, tokens[end].end) if odd or (explicit and len(name) > 2) else None


def _at_name(tokens: list[Token], at: int) -> list[Span]:
    """ "@souq.dubai", with nothing right before it."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or following.start != tokens[at].end or not following.is_word:
        return []
    if at and tokens[at - 1].end == tokens[at].start and tokens[at - 1].is_word:
        return []
    if len(following.text) < 3 or following.text.isdigit():
        return []
    end = at + 1
    while end + 2 < len(tokens) and end - at < LONGEST and tokens[end + 1].text in WITHIN and tokens[end + 2].is_word:
        if tokens[end + 1].start != tokens[end].end or tokens[end + 2].start != tokens[end + 1].end:
            break
        end += 2
    return [Span(MarkKind.HANDLE, tokens[at].start, tokens[end].end)]

"""What a text gives away: ways around us, and abuse. Pure: the words that staff chose come in, marks come out.

The text is folded character by character (`reading`), cut into tokens once, and walked by each reader: `phones`, `addresses` (mail,
links, names on other apps) and `phrases` (what staff look for). Each looks at every token a bounded number of times, whatever somebody
pastes. Offsets are those of the original text. It is a net and no wall: who wants to get through will.
"""

from moderation.scanner.addresses import find_emails, find_handles, find_links
from moderation.scanner.phones import find_accounts, find_phones
from moderation.scanner.phrases import GAP, NO_TERMS, Terms, find_phrases, terms_of
from moderation.scanner.reading import Mark, Reading, Span, Verdict

__all__ = ["GAP", "NO_TERMS", "Mark", "Terms", "Verdict", "read", "terms_of"]


def read(text: str, *, terms: Terms = NO_TERMS) -> tuple[Mark, ...]:
    """The marks of a text in their order; they do not overlap."""
    reading = Reading.of(text)
    spans = [
        *find_emails(reading),
        *find_links(reading, own_hosts=terms.own_hosts),
        *find_accounts(reading),
        *find_phones(reading),
        *find_phrases(reading, terms),
        *find_handles(reading),
    ]
    return tuple(reading.mark(span) for span in _apart(spans, len(reading.text)))


def _apart(spans: list[Span], length: int) -> list[Span]:
    """Of two that overlap the one that was found by the more certain reader, which is the one that came first."""
    taken = bytearray(length)
    kept = []
    for span in spans:
        if 1 not in taken[span.start : span.end]:
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)

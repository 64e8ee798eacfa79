"""The words of the house: synonyms that staff write, popular searches that they hide, the vocabulary."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from search.analysis import phrase
from search.errors import SynonymsTooFew, SynonymWithoutWords
from search.models import PopularSearch, SynonymSet
from search.rules import LATELY
from search.selectors import forget_synonyms


@transaction.atomic
def save_synonyms(*, staff: User, synonyms: SynonymSet) -> SynonymSet:
    """Add or change what means the same; searches follow at once. Audited.

    Raises:
        NotAllowed, SynonymsTooFew, SynonymWithoutWords.
    """
    before = SynonymSet.objects.filter(pk=synonyms.pk).first() if synonyms.pk else None
    if not staff.has_perm(f"search.{'change' if before else 'add'}_synonymset"):
        raise NotAllowed
    synonyms.words = list(dict.fromkeys(" ".join(word.split()) for word in synonyms.words))
    check_synonyms(words=synonyms.words, one_way_from=synonyms.one_way_from)
    synonyms.save()
    audit.record(
        action=f"search.synonyms_{'changed' if before else 'added'}",
        target_kind="synonyms",
        target_id=synonyms.pk,
        actor=staff,
        before=_facts(before) if before else None,
        after=_facts(synonyms),
    )
    transaction.on_commit(forget_synonyms)
    return synonyms


def check_synonyms(*, words: Sequence[str], one_way_from: str) -> None:
    """Raises SynonymsTooFew, SynonymWithoutWords."""
    for word in (*words, *([one_way_from] if one_way_from else [])):
        if not phrase(word):
            raise SynonymWithoutWords(word=word)
    if len(set(words)) < (1 if one_way_from else 2):
        raise SynonymsTooFew


@transaction.atomic
def show_popular(*, staff: User, popular: PopularSearch, is_hidden: bool) -> PopularSearch:
    """Never show a popular search again, or do. Audited. Raises NotAllowed."""
    if not staff.has_perm("search.change_popularsearch"):
        raise NotAllowed
    popular.is_hidden = is_hidden
    popular.save(update_fields=["is_hidden"])
    audit.record(
        action="search.popular_hidden" if is_hidden else "search.popular_shown",
        target_kind="popular_search",
        target_id=popular.pk,
        actor=staff,
        after={"q": popular.q},
    )
    return popular


@transaction.atomic
def count_words() -> int:
    """Count anew in how many listings for sale each known word is, forget those in none, and return how many are left.

    A word counts with all its forms.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        cursor.execute("DELETE FROM search_word WHERE documents = 0")
        cursor.execute("SELECT count(*) FROM search_word")
        return int(cursor.fetchone()[0])


_FOR_SALE = "SELECT words FROM search_searchdocument WHERE availability = 'available'"
_COUNT = f"""
    WITH counted AS MATERIALIZED (SELECT word, ndoc FROM ts_stat($${_FOR_SALE}$$, 'ab')),
    lately AS MATERIALIZED (
        SELECT word, ndoc FROM ts_stat($${_FOR_SALE} AND published_at > now() - interval '{LATELY.days} days'$$)
    )
    UPDATE search_word w SET documents = coalesce(c.ndoc, 0), lately = coalesce(l.ndoc, 0)
    FROM search_word k LEFT JOIN counted c ON c.word = k.lexeme LEFT JOIN lately l ON l.word = k.lexeme
    WHERE w.word = k.word AND (w.documents, w.lately) IS DISTINCT FROM (coalesce(c.ndoc, 0), coalesce(l.ndoc, 0))
"""  # noqa: S608 - texts of ours


def _facts(synonyms: SynonymSet) -> dict[str, Any]:
    return {
        "words": synonyms.words,
        "one_way_from": synonyms.one_way_from,
        "is_active": synonyms.is_active,
        "note": synonyms.note,
    }

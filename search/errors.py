"""What a search refuses."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound, Refusal


class QueryTooLong(Invalid):
    code = "search.query_too_long"
    attr = "q"
    detail = _("Search for at most {limit} characters.")


class TooManyWords(Invalid):
    code = "search.too_many_words"
    attr = "q"
    detail = _("Search for at most {limit} words.")


class QueryNotText(Invalid):
    code = "search.query_not_text"
    attr = "q"
    detail = _("There are characters in this search that no text has.")


class QueryTooShort(Invalid):
    code = "search.query_too_short"
    attr = "q"
    detail = _("Send at least {limit} letters.")


class SynonymsTooFew(Invalid):
    code = "search.synonyms_too_few"
    attr = "words"
    detail = _("Write at least two words that mean the same, or one and the word it is found from.")


class SynonymWithoutWords(Invalid):
    code = "search.synonym_without_words"
    attr = "words"
    detail = _("There is no word in “{word}”.")


class FiltersNotAnObject(Invalid):
    code = "search.filters_not_an_object"
    attr = "filters"
    detail = _("“filters” is a JSON object of filters by their names.")


class BrandUnknown(Invalid):
    code = "search.brand_unknown"
    attr = "brand"
    detail = _("There is no brand “{slug}”.")


class DistanceNeedsAPlace(Invalid):
    code = "search.distance_needs_a_place"
    attr = "latitude"
    detail = _("To search by distance, send latitude and longitude.")


class PageAndCursor(Invalid):
    code = "search.page_and_cursor"
    attr = "page"
    detail = _("Send a page number or a cursor, not both.")


class HistoryNotFound(NotFound):
    code = "search.history_not_found"
    detail = _("There is no such search in your history.")


class SavedSearchNotFound(NotFound):
    code = "search.saved_search_not_found"
    detail = _("There is no such saved search of yours.")


class TooManySavedSearches(Refusal):
    code = "search.too_many_saved_searches"
    detail = _("You have {limit} saved searches already. Delete one first.")


class AlreadySaved(Refusal):
    code = "search.already_saved"
    detail = _("You have saved this search already.")


class SavesEverything(Invalid):
    code = "search.saves_everything"
    attr = "question"
    detail = _("Add a word, a category, a brand or a place: this search would find nearly everything.")


class SoldIsNoNews(Invalid):
    code = "search.sold_is_no_news"
    attr = "availability"
    detail = _("Only searches for what is for sale can be saved.")

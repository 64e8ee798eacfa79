"""Search for staff: the words of the house, and saved searches."""

from search.admin import saved, words

__all__ = ["saved", "words"]

"""Questions that media asks and higher apps answer."""

import uuid
from collections.abc import Callable, Collection

# Given ids of assets, which of them does the answering app still show or keep?
Holds = Callable[[Collection[uuid.UUID]], set[uuid.UUID]]

_holders: dict[str, Holds] = {}


def register_holder(name: str, holds: Holds) -> None:
    """Apps that keep pictures call this when the apps are ready, so that no sweep takes a file that they use."""
    _holders[name] = holds


def held(asset_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the assets that some app uses."""
    wanted = set(asset_ids)
    return wanted & set().union(*(holds(wanted) for holds in _holders.values())) if wanted else set()


# Given the id of a private file and of a person, does the answering app show it to them as a matter of course?
Shows = Callable[[uuid.UUID, uuid.UUID], bool]

_showing: dict[str, Shows] = {}


def register_showing(name: str, shows: Shows) -> None:
    """Apps that show private files to others than their owners (pictures of messages) call this; such looks are nobody's business."""
    _showing[name] = shows


def is_shown_to(asset_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Whether a look of this person at this private file is an everyday one, and not one for the audit."""
    return any(shows(asset_id, person_id) for shows in _showing.values())

"""What people are told of what their saved searches found."""

from accounts.models import User
from core.events import handles, starts_job
from notifications.actions import tell, tell_finds
from notifications.states import NotificationKind
from search.events import SavedSearchesMatched, SavedSearchHelpedWith
from search.models import SavedSearch


@starts_job(SavedSearchesMatched)
def tell_people_what_their_searches_found(news: SavedSearchesMatched) -> None:
    tell_finds(product_id=news.product_id)


@handles(SavedSearchHelpedWith)
def tell_owner_what_staff_did_to_their_search(news: SavedSearchHelpedWith) -> None:
    saved = SavedSearch.objects.filter(pk=news.saved_search_id).first()
    if saved is None:
        return
    tell(
        user=User.objects.get(pk=news.user_id),
        kind=NotificationKind.ACCOUNT_NOTICE,
        facts={"what": f"search_{news.what}", "name": saved.name, "saved_search_id": str(saved.pk)},
        url=f"/searches?removed={saved.pk}" if news.what == "removed" else "/searches",
    )

"""What moderation does at the news of others."""

from accounts.events import PersonErased
from core.events import handles
from moderation import actions


@handles(PersonErased)
def close_cases_about_erased_person(news: PersonErased) -> None:
    actions.close_cases_about_erased_person(user_id=news.user_id)

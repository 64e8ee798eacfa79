"""What beat runs for moderation."""

from celery import shared_task
from django.utils import timezone

from moderation import actions


@shared_task(name="moderation.escalate_overdue_cases")
def escalate_overdue_cases() -> None:
    actions.escalate_overdue_cases(now=timezone.now())


@shared_task(name="moderation.release_expired_claims")
def release_expired_claims() -> None:
    actions.release_expired_claims(now=timezone.now())


@shared_task(name="moderation.blank_words_of_erased_reporters")
def blank_words_of_erased_reporters() -> None:
    actions.blank_words_of_erased_reporters()

"""Complaints about what somebody wrote."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from accounts.rules import check_not_suspended
from messaging.actions.placing import lock_conversation, other_in
from messaging.errors import MessageNotFound
from messaging.models import Message, Participation
from messaging.states import CONVERSATION_TARGET, MessageState
from moderation.actions import report_target
from moderation.models import Report


@transaction.atomic
def report_conversation(
    *,
    reporter: User,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID | None = None,
    reason: str,
    description: str = "",
    evidence_ids: Sequence[uuid.UUID] = (),
) -> Report:
    """Put a complaint about the other person's side of a conversation before the moderators, perhaps about one message of it.

    The second one of the same person is the first. Locks the conversation, then moderation's case.

    Raises:
        Suspended. ConversationNotFound, MessageNotFound. What `moderation.actions.report_target` refuses.
    """
    check_not_suspended(reporter)
    conversation = lock_conversation(conversation_id, person=reporter)
    other_id = other_in(conversation, reporter.pk)
    said = Message.objects.filter(conversation=conversation, sender_id=other_id, state=MessageState.SENT)
    if message_id is not None and not said.filter(pk=message_id).exists():
        raise MessageNotFound
    side = Participation.objects.get(conversation=conversation, person_id=other_id)
    return report_target(
        reporter=reporter,
        target_kind=CONVERSATION_TARGET,
        target_id=side.pk,
        reason=reason,
        description=description,
        evidence_ids=evidence_ids,
        related_id=message_id,
    )

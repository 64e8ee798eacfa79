"""Conversations of two people, mostly about a listing, and what was said in them.

Sending is the hot write: keys that another index begins with, or by which nobody looks anything up, have no index of their own.
"""

from typing import Any

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from core.ids import uuid7
from core.states import known_state
from media.models import MediaAsset
from messaging.states import REACTIONS, EntryKind, MessageKind, MessageState


class Conversation(models.Model):
    """Two people and at most one listing. `last_seq` is the number of the newest entry; it grows under this row's lock."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # of the two, the smaller id
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="conversations",
        verbose_name=_("listing"),
    )
    started_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("started by")
    )
    last_seq = models.PositiveBigIntegerField(default=0)
    disappear_after = models.PositiveIntegerField(null=True, blank=True)  # seconds; new messages only
    created_at = models.DateTimeField(default=timezone.now, verbose_name=_("begun"))

    is_new = False  # set by `start_conversation` on the one that it just made: the door answers 201

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = (
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="messaging_pair_in_order"),
            models.UniqueConstraint(
                fields=["first", "second", "product"], nulls_distinct=False, name="messaging_one_conversation"
            ),
        )
        indexes = (
            models.Index(fields=["product", "-id"], name="messaging_about_product"),
            models.Index(fields=["started_by", "-created_at"], name="messaging_started_by"),
        )
        permissions = (("read_conversation", _("Can read conversations outside a case, with a reason")),)

    def __str__(self) -> str:
        return str(self.pk)


class Participation(models.Model):
    """One person's side of a conversation: how far they read, and where they keep it.

    Every message changes two of these and every index of theirs, so there is none that another one covers or nobody asks.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="participations", db_index=False
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="participations", db_index=False)
    other = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    last_message = models.ForeignKey(
        "Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )  # newest that this person may see
    last_message_at = models.DateTimeField(null=True, blank=True)  # None: nothing was said yet; not in the inbox
    changed_at = models.DateTimeField(null=True, blank=True)  # when the newest entry of the conversation's log came
    unread_count = models.PositiveIntegerField(default=0)
    delivered_seq = models.PositiveBigIntegerField(default=0)  # everything up to it reached one of their devices
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_seq = models.PositiveBigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)  # a new message brings it back
    muted_until = models.DateTimeField(null=True, blank=True)  # no push until then; far in the future: for good

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "person"], name="messaging_participation_once"),
            models.CheckConstraint(condition=Q(read_seq__lte=F("delivered_seq")), name="messaging_read_was_delivered"),
        )
        indexes = (
            models.Index(
                fields=["person", "-last_message_at", "-id"],
                condition=Q(archived_at=None, last_message_at__isnull=False),
                name="messaging_inbox",
            ),
            models.Index(
                fields=["person", "-last_message_at", "-id"],
                condition=Q(archived_at=None, unread_count__gt=0),
                name="messaging_inbox_unread",
            ),
            models.Index(
                fields=["person", "-last_message_at", "-id"],
                condition=Q(archived_at__isnull=False),
                name="messaging_inbox_archived",
            ),
            models.Index(fields=["person", "-changed_at"], name="messaging_changed"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"


class Message(models.Model):
    """Something said. The body as it was stays in `MessageRevision` when it is edited or unsent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField(null=True, blank=True)  # its entry's number; None while held
    sender = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="messages_sent", db_index=False
    )  # None: the house
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.SENT)
    body = models.TextField(blank=True, max_length=2000)
    folded = models.TextField(blank=True)  # `core.text.fold(body)`, for search in both languages
    facts = models.JSONField(default=dict, blank=True)
    reference = models.UUIDField(null=True, blank=True)  # of a card: the offer
    reply_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    client_id = models.CharField(
        max_length=64, blank=True
    )  # the sender's own name for it: a resend is the same message
    marks = models.JSONField(default=list, blank=True)  # what the scanner found: [{"kind", "start", "end"}]
    sent_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    unsent_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)  # by moderation
    expires_at = models.DateTimeField(null=True, blank=True)  # disappears for both then
    disappeared_at = models.DateTimeField(null=True, blank=True)  # when the sweep took its words away
    blanked_at = models.DateTimeField(null=True, blank=True)  # the words are gone for staff too

    is_new = False  # set by `send_message` on one that was not there before: the door answers 201
    shown: Any = None  # set by `send_message`: the message as its sender sees it, so that no door reads it again

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = (
            known_state(MessageState, "messaging_message_state"),
            models.UniqueConstraint(fields=["conversation", "seq"], name="messaging_seq_once"),
            models.UniqueConstraint(
                fields=["sender", "client_id"], condition=~Q(client_id=""), name="messaging_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", seq__isnull=False) | (~Q(state="sent") & Q(seq=None)),
                name="messaging_sent_has_a_place",
            ),
            models.CheckConstraint(condition=Q(kind="system") | Q(sender__isnull=False), name="messaging_has_a_sender"),
            models.CheckConstraint(
                condition=~Q(kind="offer") | Q(reference__isnull=False), name="messaging_card_has_reference"
            ),
        )
        indexes = (
            models.Index(
                fields=["conversation", "sender", "id"], condition=~Q(state="sent"), name="messaging_not_delivered"
            ),
            models.Index(fields=["reference"], condition=Q(reference__isnull=False), name="messaging_cards"),
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False, disappeared_at=None),
                name="messaging_due_to_disappear",
            ),
            models.Index(
                fields=["unsent_at"],
                condition=Q(unsent_at__isnull=False, blanked_at=None),
                name="messaging_unsent",
            ),
            models.Index(
                fields=["disappeared_at"],
                condition=Q(disappeared_at__isnull=False, blanked_at=None),
                name="messaging_disappeared",
            ),
            # The same words to many: read by hash, so that what a person says most often costs no more than the rest.
            models.Index("sender", MD5("folded"), "id", name="messaging_same_words"),
            GinIndex(fields=["folded"], opclasses=["gin_trgm_ops"], name="messaging_words"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq}"


class MessageImage(models.Model):
    """A picture of a message, in its place."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="images")
    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=["message", "asset"], name="messaging_picture_once"),)

    def __str__(self) -> str:
        return f"{self.message_id} #{self.position}"


class MessageRevision(models.Model):
    """What a message said before it was edited or unsent, for cases; blanked with the message when its time is over."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField(blank=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["replaced_at"], name="messaging_revisions_by_age"),)

    def __str__(self) -> str:
        return f"{self.message_id} until {self.replaced_at:%Y-%m-%d %H:%M}"


class Reaction(models.Model):
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=8)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["message", "person"], name="messaging_reaction_once"),
            models.CheckConstraint(condition=Q(emoji__in=REACTIONS), name="messaging_reaction_known"),
        )

    def __str__(self) -> str:
        return f"{self.emoji} on {self.message_id}"


class StreamEntry(models.Model):
    """The log of a conversation: gap-free numbers, given under the conversation's lock. Resuming reads it and nothing else."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="entries", db_index=False)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq"], name="messaging_entry_once"),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="messaging_entry_kind"),
        )
        triggers = (pgtrigger.Protect(name="entry_append_only", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq}"

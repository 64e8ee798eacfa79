import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from accounts.actions import carry_out_erasure
from accounts.models import Erasure, Restriction
from accounts.ports import exporters
from accounts.tests.factories import BlockFactory, UserFactory
from core.errors import StaleRevision
from core.models import AuditEntry, OutboxEvent
from core.testing import browser
from messaging import selectors
from messaging.actions import report_conversation, send_message
from messaging.errors import ConversationNotFound, MessageNotFound, NoLongerReachable
from messaging.models import Message, MessageRevision, StreamEntry
from messaging.moderation_target import ConversationTarget, MessageTarget
from messaging.states import CONVERSATION_TARGET, MESSAGE_TARGET, MessageKind, MessageState
from messaging.tests.factories import ConversationFactory, MessagePictureFactory, other_of, say, side
from moderation.actions import decide_case, note_reading, undo_decision
from moderation.errors import OwnCase
from moderation.models import Case, Decision
from moderation.targets import kinds, reading_noted_as
from moderation.tests.factories import ModeratorFactory, PolicyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return ModeratorFactory()


@pytest.fixture
def talk():
    """Begun by somebody who came yesterday and has proven no phone number."""
    newcomer = UserFactory(created_at=timezone.now() - timedelta(days=1), phone_verified_at=None)
    return ConversationFactory(person=newcomer, said=4)


@pytest.fixture
def me(talk):
    return talk.started_by


@pytest.fixture
def them(talk, me):
    return other_of(talk, me)


@pytest.fixture
def held(talk, me, deliver):
    message = send_message(sender=me, conversation_id=talk.pk, body="Call 050 123 4567")
    assert message.state == MessageState.HELD
    deliver()
    return message


@pytest.fixture
def flagged(talk, me, deliver):
    message = send_message(sender=me, conversation_id=talk.pk, body="you bitch")
    assert message.state == MessageState.SENT
    deliver()
    return message


@pytest.fixture
def decide(moderator):
    policy = PolicyFactory()

    def decide(case, outcome, by=None, **facts):
        case.refresh_from_db()
        target = MessageTarget() if case.target_kind == MESSAGE_TARGET else ConversationTarget()
        revision = facts.pop("revision", target.look(case.target_id).revision)
        made = decide_case(
            case_id=case.pk, moderator=by or moderator, outcome=outcome, policy=policy, revision=revision, **facts
        )
        case.refresh_from_db()
        return made

    return decide


@pytest.fixture
def undo(moderator):
    def undo(decision):
        undo_decision(decision_id=decision.pk, moderator=moderator, reason="A mistake.")

    return undo


def case_of(pk) -> Case:
    return Case.objects.get(target_id=pk)


def seen_by(person, talk):
    return [(one["body"], one["hidden"]) for one in selectors.history(person, talk.pk).items]


def state_of(message):
    message.refresh_from_db()
    return message.state, message.seq is not None, message.hidden_at is not None


# --- a held message ----------------------------------------------------------------------------------------------------


def test_a_held_message_waits_as_a_review_with_what_was_said_before(held, me, talk):
    case = case_of(held.pk)
    assert (case.kind, case.author, case.severity) == ("review", me, 1)
    assert "050" not in case.title  # titles stand in lists
    content = case.snapshots.get().content
    assert content["message"] == "Call 050 123 4567"
    assert [line["said"] for line in content["excerpt"]] == [*(f"Words {n}" for n in range(1, 5)), "Call 050 123 4567"]


def test_luring_away_is_more_urgent_than_a_number(talk, me, deliver):
    message = send_message(sender=me, conversation_id=talk.pk, body="Please do a bank transfer")
    deliver()
    assert case_of(message.pk).severity == 3


def test_delivering_gives_the_next_place_and_tells_the_other(held, talk, me, them, decide, deliver):
    say(talk, them, "Are you there?")
    unread = side(talk, them).unread_count
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        decide(case_of(held.pk), "deliver")
        assert state_of(held) == (MessageState.SENT, True, False)
        assert held.sent_at == timezone.now()
    talk.refresh_from_db()
    assert held.seq == talk.last_seq == StreamEntry.objects.filter(conversation=talk).count()
    assert seen_by(them, talk)[0] == ("Call 050 123 4567", False)
    assert side(talk, them).unread_count == unread + 1
    assert side(talk, them).last_message_id == side(talk, me).last_message_id == held.pk
    assert OutboxEvent.objects.filter(name="messaging.message_sent", payload__message_id=str(held.pk)).exists()


def test_undoing_a_delivery_hides_it_until_it_is_decided_again(held, talk, them, decide, undo):
    case = case_of(held.pk)
    undo(decide(case, "deliver"))
    assert state_of(held) == (MessageState.SENT, True, True)
    assert seen_by(them, talk)[0] == ("", True)
    again = decide(case, "deliver")
    assert seen_by(them, talk)[0] == ("Call 050 123 4567", False)
    undo(again)
    decide(case, "reject")
    assert state_of(held) == (MessageState.SENT, True, True)


def test_rejecting_delivers_nothing_and_can_be_undone(held, talk, me, them, decide, undo):
    before = seen_by(them, talk)
    decision = decide(case_of(held.pk), "reject")
    assert state_of(held) == (MessageState.REJECTED, False, False)
    assert seen_by(them, talk) == before
    assert OutboxEvent.objects.filter(name="messaging.message_rejected").exists()
    undo(decision)
    assert state_of(held) == (MessageState.HELD, False, False)
    decide(case_of(held.pk), "deliver")
    assert state_of(held) == (MessageState.SENT, True, False)


def test_stopping_messages_rejects_restricts_and_can_be_undone(held, me, decide, undo):
    decision = decide(case_of(held.pk), "restrict_messaging", duration_days=3)
    restriction = Restriction.objects.get(user=me)
    assert (restriction.kind, restriction.lifted_at, restriction.case_id) == ("message", None, decision.case_id)
    assert restriction.ends_at - timezone.now() > timedelta(days=2, hours=23)
    assert state_of(held)[0] == MessageState.REJECTED
    undo(decision)
    assert state_of(held)[0] == MessageState.HELD
    assert Restriction.objects.get(user=me).lifted_at is not None


def test_delivers_and_warns(held, me, decide):
    assert decide(case_of(held.pk), "warn").upheld
    assert state_of(held)[0] == MessageState.SENT
    assert not Restriction.objects.filter(user=me).exists()


def test_does_not_deliver_to_who_blocked_the_sender_meanwhile(held, me, them, decide):
    BlockFactory(blocker=them, blocked=me)
    with pytest.raises(NoLongerReachable):
        decide(case_of(held.pk), "deliver")
    assert state_of(held) == (MessageState.HELD, False, False)
    assert not Decision.objects.exists()
    decide(case_of(held.pk), "reject")


def test_nobody_decides_about_their_own_conversation(held, them, decide):
    for name in ("decide_case", "view_case"):
        grant(them, name)
    with pytest.raises(OwnCase):
        decide(case_of(held.pk), "deliver", by=them)
    assert state_of(held) == (MessageState.HELD, False, False)


def grant(person, codename):
    person.user_permissions.add(Permission.objects.get(content_type__app_label="moderation", codename=codename))


# --- a flagged message ---------------------------------------------------------------------------------------------------


def test_a_flagged_message_is_delivered_and_read(flagged, them, talk):
    case = case_of(flagged.pk)
    assert (case.kind, case.severity, case.report_count) == ("report", 3, 0)
    assert seen_by(them, talk)[0] == ("you bitch", False)
    assert AuditEntry.objects.filter(action="moderation.case_flagged").count() == 1


def test_hiding_takes_it_from_both_and_can_be_undone(flagged, talk, me, them, decide, undo):
    entries = StreamEntry.objects.count()
    decision = decide(case_of(flagged.pk), "hide")
    assert seen_by(me, talk)[0] == seen_by(them, talk)[0] == ("", True)
    undo(decision)
    assert seen_by(me, talk)[0] == seen_by(them, talk)[0] == ("you bitch", False)
    assert StreamEntry.objects.count() == entries + 2  # both changes have a number, so nobody misses them


def test_hiding_and_stopping_restricts_too(flagged, me, decide, undo):
    decision = decide(case_of(flagged.pk), "restrict_messaging", duration_days=7)
    assert state_of(flagged)[2]
    undo(decision)
    assert not state_of(flagged)[2]
    assert not Restriction.objects.filter(user=me, lifted_at=None).exists()


def test_finding_nothing_wrong_changes_nothing(flagged, talk, them, decide):
    before = seen_by(them, talk)
    decide(case_of(flagged.pk), "no_action")
    assert seen_by(them, talk) == before


def test_refuses_a_decision_about_words_that_were_changed_since(flagged, decide):
    case = case_of(flagged.pk)
    read = MessageTarget().look(flagged.pk).revision
    MessageRevision.objects.create(message=flagged, body="you bitch")
    with pytest.raises(StaleRevision):
        decide(case, "hide", revision=read)
    assert state_of(flagged) == (MessageState.SENT, True, False)
    assert not Decision.objects.exists()


# --- what is read --------------------------------------------------------------------------------------------------------


def said(excerpt):
    return [line.message.body for line in excerpt.lines]


def test_a_report_shows_the_message_with_five_on_each_side(deliver):
    talk = ConversationFactory(said=30)
    reporter = talk.started_by
    theirs = talk.messages.get(body="Words 12")
    report = report_conversation(reporter=reporter, conversation_id=talk.pk, message_id=theirs.pk, reason="harassment")
    excerpt = selectors.excerpt_of_side(report.case.target_id)
    assert said(excerpt) == [f"Words {n}" for n in range(7, 18)]
    assert [message.pk for message in excerpt.causes] == [theirs.pk]
    assert report.case.snapshots.get().content["message"] == "Words 12"


def test_a_report_of_the_whole_shows_the_last_twenty_until_then():
    talk = ConversationFactory(said=30)
    report = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, reason="scam")
    say(talk, talk.started_by, "Said later")
    excerpt = selectors.excerpt_of_side(report.case.target_id)
    assert said(excerpt) == [f"Words {n}" for n in range(11, 31)]
    accused = other_of(talk, talk.started_by)
    assert {message.sender_id for message in excerpt.causes} == {accused.pk}
    assert len(excerpt.causes) == 10


def test_nothing_is_shown_of_what_nobody_reported():
    talk = ConversationFactory(said=3)
    look = ConversationTarget().look(side(talk, talk.started_by).pk)
    assert look.bubbles == ()
    assert look.content["excerpt"] == []


def test_what_was_said_after_the_case_was_opened_is_not_read(flagged, talk, me):
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        say(talk, me, "Something private")
    assert "Something private" not in said(selectors.excerpt_of_message(flagged.pk))


def test_what_was_edited_or_unsent_is_still_read_and_marked():
    talk = ConversationFactory(said=2)
    me, them = talk.started_by, other_of(talk, talk.started_by)
    threat = say(talk, them, "I am sorry")
    MessageRevision.objects.create(message=threat, body="I will find you")
    gone = say(talk, them, "")
    MessageRevision.objects.create(message=gone, body="Pay me at once")
    Message.objects.filter(pk=threat.pk).update(edited_at=timezone.now())
    Message.objects.filter(pk=gone.pk).update(unsent_at=timezone.now())
    report = report_conversation(reporter=me, conversation_id=talk.pk, reason="harassment")
    lines = report.case.snapshots.get().content["excerpt"]
    assert [(line["edited"], line["unsent"], line["before"]) for line in lines[-2:]] == [
        (True, False, ["I will find you"]),
        (False, True, ["Pay me at once"]),
    ]


def test_a_shared_place_is_read_by_name_only():
    talk = ConversationFactory(said=1)
    them = other_of(talk, talk.started_by)
    say(talk, them, kind=MessageKind.LOCATION, facts={"latitude": 25.07631, "longitude": 55.13981, "label": "My home"})
    report = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, reason="other")
    look = ConversationTarget().look(report.case.target_id)
    assert look.bubbles[-1].note == "Shared a place: My home"
    assert "25.07" not in str(look.content) + str(look.bubbles[-1].note)


def test_the_snapshot_is_the_same_whatever_language_is_read(held):
    english = MessageTarget().look(held.pk).content
    with translation.override("ar"):
        assert MessageTarget().look(held.pk).content == english


def test_draws_bubbles_with_marks_and_veiled_pictures(flagged, talk, them, moderator):
    picture = say(talk, them, "<b>look</b>", kind=MessageKind.IMAGE, sent_at=flagged.sent_at - timedelta(seconds=1))
    picture.images.create(asset=MessagePictureFactory(owner=them), position=0)
    Message.objects.filter(pk=picture.pk).update(seq=None, state="rejected")
    Message.objects.filter(pk=flagged.pk).update(seq=50)
    Message.objects.filter(pk=picture.pk).update(seq=49, state="sent")
    look = MessageTarget().look(flagged.pk)
    request = RequestFactory().get("/")
    request.user = moderator
    body = render_to_string(MessageTarget.template, {"look": look, "case": case_of(flagged.pk)}, request=request)
    assert '<mark title="abuse">bitch</mark>' in body
    assert "&lt;b&gt;look&lt;/b&gt;" in body
    assert "veiled" in body
    assert "signature=" in body


def test_loading_an_excerpt_asks_no_more_for_more_messages(django_assert_max_num_queries):
    for count in (1, 20):
        talk = ConversationFactory(said=count)
        report = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, reason="scam")
        with django_assert_max_num_queries(7):
            ConversationTarget().look(report.case.target_id)


# --- reports ------------------------------------------------------------------------------------------------------------


def test_removing_hides_what_the_accused_said_and_nothing_else(decide, undo):
    talk = ConversationFactory(said=6)
    me, them = talk.started_by, other_of(talk, talk.started_by)
    report = report_conversation(reporter=me, conversation_id=talk.pk, reason="harassment")
    decision = decide(report.case, "remove_messages")
    hidden = Message.objects.filter(hidden_at__isnull=False)
    assert {message.sender_id for message in hidden} == {them.pk}
    assert hidden.count() == 3
    undo(decision)
    assert not Message.objects.filter(hidden_at__isnull=False).exists()


def test_removing_a_named_message_hides_that_one(decide):
    talk = ConversationFactory(said=6)
    theirs = talk.messages.get(body="Words 4")
    report = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, message_id=theirs.pk, reason="scam")
    decide(report.case, "remove_messages")
    assert list(Message.objects.filter(hidden_at__isnull=False)) == [theirs]


def test_stopping_messages_of_the_accused(decide, undo):
    talk = ConversationFactory(said=2)
    them = other_of(talk, talk.started_by)
    report = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, reason="harassment")
    decision = decide(report.case, "restrict_messaging", duration_days=7)
    assert Restriction.objects.get(user=them, lifted_at=None).kind == "message"
    undo(decision)
    assert not Restriction.objects.filter(user=them, lifted_at=None).exists()


def test_the_same_report_again_is_the_first():
    talk = ConversationFactory(said=2)
    first = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, reason="scam")
    again = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, reason="spam")
    assert (again.pk, again.is_new, first.is_new) == (first.pk, False, True)


def test_refuses_strangers_and_messages_that_are_not_the_others():
    talk = ConversationFactory(said=2)
    me, them = talk.started_by, other_of(talk, talk.started_by)
    mine, elsewhere = talk.messages.get(sender=me), ConversationFactory(said=2).messages.first()
    unseen = Message.objects.create(conversation=talk, sender=them, kind="text", state="held", body="050 123 4567")
    with pytest.raises(ConversationNotFound):
        report_conversation(reporter=UserFactory(), conversation_id=talk.pk, reason="scam")
    for message in (mine, elsewhere, unseen):
        with pytest.raises(MessageNotFound):
            report_conversation(reporter=me, conversation_id=talk.pk, message_id=message.pk, reason="scam")
    assert not Case.objects.exists()


# --- readings -----------------------------------------------------------------------------------------------------------


def test_each_reading_is_written_down_once_in_ten_minutes(held, moderator):
    case, other = case_of(held.pk), ModeratorFactory()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            note_reading(case=case, reader=moderator)
        note_reading(case=case, reader=other)
        clock.shift(timedelta(minutes=11))
        note_reading(case=case, reader=moderator)
    entries = AuditEntry.objects.filter(action="messaging.excerpt_read")
    assert [entry.actor_id for entry in entries.order_by("id")] == [moderator.pk, other.pk, moderator.pk]
    assert {entry.target_id for entry in entries} == {str(case.pk)}


def test_reading_a_listing_is_nobodys_news(moderator):
    case = Case(target_kind="account", target_id=moderator.pk)
    note_reading(case=case, reader=moderator)
    assert not AuditEntry.objects.filter(action__contains="read").exists()


def test_targets_are_known_by_their_words():
    assert {MESSAGE_TARGET, CONVERSATION_TARGET} <= set(kinds())
    assert reading_noted_as(MESSAGE_TARGET) == reading_noted_as(CONVERSATION_TARGET) == "messaging.excerpt_read"


# --- who reported ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "days"), [("warn", None), ("restrict_messaging", 3), ("remove_messages", None)])
def test_who_is_reported_never_learns_by_whom(api, talk, me, them, decide, undo, deliver, outcome, days):
    case = report_conversation(reporter=them, conversation_id=talk.pk, reason="harassment").case
    undo(decide(case, outcome, duration_days=days))
    deliver()
    api.force_authenticate(me)
    told = api.get("/api/v1/notifications").content.decode() + json.dumps(
        dict(exporters()["moderation"](me)) | dict(exporters()["notifications"](me))
    )
    assert "account_notice" in told
    assert them.username not in told
    assert str(talk.pk) not in told
    assert str(side(talk, me).pk) not in told


def test_reporters_forget_the_name_of_who_left(api, talk, me, them, decide, deliver):
    case = report_conversation(reporter=them, conversation_id=talk.pk, reason="harassment").case
    decide(case, "warn")
    deliver()
    api.force_authenticate(them)

    def told() -> str:
        pages = ("/api/v1/notifications", "/api/v1/reports/mine", "/me/reports")
        return "".join(browser(them).get(page).content.decode() for page in pages)

    assert f"@{me.username}" in told()
    carry_out_erasure(erasure_id=Erasure.objects.create(user=me, due_at=timezone.now()).pk)
    assert "harassment" in told()
    assert me.username not in told()

"""Pictures of messages are for the two who talk, and for nobody else."""

from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.models import AuditEntry
from media import ports
from media.actions.personal import erase_person as erase_files
from media.models import MediaAsset
from media.selectors import picture, private_picture
from media.states import AssetState
from messaging.actions import send_message, unsend_message
from messaging.actions.personal import erase_person
from messaging.selectors import message_shape
from messaging.states import CONVERSATION_TARGET
from messaging.tests.factories import MessagePictureFactory, side
from messaging.tests.test_forget_messages import case_about

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(talk, me):
    asset = MessagePictureFactory(owner=me)
    return send_message(sender=me, conversation_id=talk.pk, kind="image", image_ids=[asset.pk])


@pytest.fixture
def asset(sent):
    return MediaAsset.objects.get()


@pytest.fixture
def on_disk(disk, asset):
    from media import storage  # noqa: PLC0415

    for variant in asset.variants:
        path = disk / "private" / variant["key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
    return storage.private()


def address(person, message):
    parts = urlsplit(message_shape(person, [message])[0]["images"][0]["url"])
    return f"{parts.path}?{parts.query}"


def test_has_no_public_address(asset):
    assert picture(asset) is None


def test_both_look_at_it_and_it_is_nobodys_business(api, on_disk, sent, me, other):
    for person in (me, other):
        api.force_authenticate(person)
        answer = api.get(address(person, sent))
        assert answer.status_code == 200
    assert not AuditEntry.objects.filter(action="media.private_file_viewed").exists()


def test_an_address_is_for_one_person(api, on_disk, sent, me, other):
    api.force_authenticate(UserFactory())
    assert api.get(address(me, sent)).status_code == 403
    api.force_authenticate(other)
    assert api.get(address(me, sent)).status_code == 403
    api.force_authenticate(None)
    assert api.get(address(me, sent)).status_code == 401


def test_a_look_of_the_staff_is_written_down(api, on_disk, asset):
    moderator = UserFactory(staff=True)
    parts = urlsplit(private_picture(asset, viewer=moderator)["url"])
    api.force_authenticate(moderator)
    assert api.get(f"{parts.path}?{parts.query}").status_code == 200
    assert AuditEntry.objects.get(action="media.private_file_viewed").actor_id == moderator.pk


def test_addresses_stay_the_same_for_a_while(sent, other):
    assert address(other, sent) == address(other, sent)


def test_is_kept_while_a_message_shows_it(asset):
    assert ports.held([asset.pk]) == {asset.pk}


def test_what_is_unsent_shows_no_picture(sent, me, other):
    unsend_message(sender=me, message_id=sent.pk)
    assert message_shape(other, [sent])[0]["images"] == []


def test_goes_with_whoever_leaves(asset, me):
    erase_person(me)
    erase_files(me)
    asset.refresh_from_db()
    assert asset.state == AssetState.EXPIRED


def test_stays_for_an_open_case(talk, asset, me):
    case_about(CONVERSATION_TARGET, side(talk, me).pk, author=me)
    erase_person(me)
    erase_files(me)
    asset.refresh_from_db()
    assert (asset.state, asset.attached_at is not None) == (AssetState.READY, True)


def test_unused_ones_are_swept(me):
    unused = MessagePictureFactory(owner=me, created_at=timezone.now())
    assert ports.held([unused.pk]) == set()

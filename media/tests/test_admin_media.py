import pytest
from django.test import Client

from accounts.models import User
from core.models import AuditEntry
from core.testing import counted_queries
from media.models import MediaAsset
from media.states import AssetState, Purpose
from media.tests.factories import AssetFactory, ReadyImageFactory

CHANGELIST = "/admin/media/mediaasset/"


@pytest.fixture
def console(client: Client, db: None) -> Client:
    client.force_login(User.objects.create(username="root", email="root@example.com", is_staff=True, is_superuser=True))
    return client


def test_lists_files_with_thumbnail_state_and_reason(console: Client, owner: User) -> None:
    ReadyImageFactory(owner=owner)
    AssetFactory(owner=owner, state=AssetState.REJECTED, failure_code="media.too_long")

    page = console.get(CHANGELIST).content.decode()

    assert 'loading="lazy"' in page
    assert "/media/pictures/1/" in page
    assert "This video is too long." in page


def test_shows_a_file_and_offers_no_change(console: Client, owner: User) -> None:
    asset = ReadyImageFactory(owner=owner)

    answer = console.get(f"{CHANGELIST}{asset.pk}/change/")

    assert answer.status_code == 200
    assert b'name="_save"' not in answer.content


def test_draws_no_evidence(console: Client, owner: User) -> None:
    asset = ReadyImageFactory(owner=owner, purpose=Purpose.EVIDENCE)

    for url in (CHANGELIST, f"{CHANGELIST}{asset.pk}/change/"):
        assert b"pictures/1/" not in console.get(url).content


def test_has_failed_files_prepared_again_and_leaves_others_alone(console: Client, owner: User) -> None:
    failed = AssetFactory(owner=owner, state=AssetState.FAILED, attempts=4, failure_code="media.preparation_failed")
    ready = ReadyImageFactory(owner=owner)

    answer = console.post(
        CHANGELIST, {"action": "prepare_again", "_selected_action": [failed.pk, ready.pk]}, follow=True
    )

    assert b"1 file is prepared again." in answer.content
    assert b"1 file did not fail" in answer.content
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (AssetState.PROCESSING, 0)
    assert AuditEntry.objects.count() == 1


def test_the_list_takes_as_many_queries_for_20_files_as_for_1(console: Client, owner: User) -> None:
    ReadyImageFactory(owner=owner)
    console.get(CHANGELIST)
    with counted_queries() as one:
        console.get(CHANGELIST)
    ReadyImageFactory.create_batch(19, owner=owner)
    with counted_queries() as twenty:
        console.get(CHANGELIST)

    assert len(twenty) == len(one)
    assert MediaAsset.objects.count() == 20

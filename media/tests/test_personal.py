import pytest
from django.db import transaction

from accounts import ports as accounts
from accounts.models import User
from core.testing import deliver_everything
from media import actions, ports
from media.actions.personal import erase_person, export_person
from media.models import MediaAsset
from media.states import AssetState, Purpose
from media.tests import pictures
from media.tests.factories import AssetFactory
from media.tests.sending import prepared, stored


def test_accounts_knows_both() -> None:
    assert accounts.exporters()["media"] is export_person
    assert accounts.erasers()["media"] is erase_person


def test_an_export_holds_every_file_once_in_its_best_size(owner: User, stranger: User) -> None:
    photo = prepared(owner, pictures.jpeg(1600, 1200), name="beach.jpg")
    evidence = prepared(owner, pictures.jpeg(800, 800), purpose=Purpose.EVIDENCE)
    AssetFactory(owner=owner)
    prepared(stranger, pictures.jpeg(500, 500))

    files = dict(export_person(owner))

    assert set(files) == {f"media/files/{photo.pk}.jpg", f"media/files/{evidence.pk}.jpg", "media/files.json"}
    assert files[f"media/files/{photo.pk}.jpg"].startswith(b"\xff\xd8\xff")
    assert files["media/files.json"][0]["filename"] == "beach.jpg"
    assert len(files["media/files.json"]) == 3


def test_erasure_takes_files_in_use_too_and_leaves_those_of_others(owner: User, stranger: User) -> None:
    mine = prepared(owner, pictures.jpeg())
    actions.attach_assets(owner=owner, asset_ids=[mine.pk], purpose=Purpose.PRODUCT)
    theirs = prepared(stranger, pictures.jpeg(500, 500))

    with transaction.atomic():
        receipt = erase_person(owner)
    deliver_everything()

    assert receipt == {"files": 1, "kept_as_evidence": 0}
    mine.refresh_from_db()
    assert (mine.state, mine.filename) == (AssetState.EXPIRED, "")
    assert len(stored()) == len(theirs.variants)
    assert erase_person(owner) == {"files": 0, "kept_as_evidence": 0}


def test_evidence_that_a_report_rests_on_is_kept(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = prepared(owner, pictures.jpeg(), purpose=Purpose.EVIDENCE)
    prepared(owner, pictures.jpeg(500, 500), purpose=Purpose.EVIDENCE)
    monkeypatch.setattr(ports, "_holders", {"test": lambda ids: {needed.pk} & set(ids)})

    assert erase_person(owner) == {"files": 1, "kept_as_evidence": 1}
    assert MediaAsset.objects.get(state=AssetState.READY).pk == needed.pk

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import storages
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.models import AuditEntry
from media import actions, selectors
from media.actions.personal import export_person
from media.errors import TooLarge, UnsupportedType
from media.models import MediaAsset
from media.states import AssetKind, AssetState, Purpose
from media.tests import pictures
from media.tests.sending import prepared, stored

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def label(owner: User, content: bytes = PDF, content_type: str = "application/pdf") -> MediaAsset:
    return prepared(owner, content, content_type=content_type, purpose=Purpose.LABEL, name="label.pdf")


def fetch(person: User, url: str):
    client = APIClient()
    client.force_authenticate(person)
    return client.get(url)


def test_a_document_is_kept_as_it_came_in_the_private_store(owner: User) -> None:
    asset = label(owner)

    assert (asset.state, asset.kind) == (AssetState.READY, AssetKind.FILE)
    [made] = asset.variants
    assert made["key"] == f"labels/1/{asset.sha256[:2]}/{asset.sha256}/document.pdf"
    assert Path(storages["private"].path(made["key"])).read_bytes() == PDF
    assert stored("default") == []
    assert selectors.picture(asset) is None
    assert selectors.private_picture(asset, viewer=owner) is None


def test_its_owner_downloads_it_and_no_page_shows_it(owner: User) -> None:
    shown = selectors.private_file(label(owner), viewer=owner)
    assert shown is not None
    answer = fetch(owner, shown["url"])
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="document.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_address_is_good_for_one_person_only(owner: User) -> None:
    shown = selectors.private_file(label(owner), viewer=owner)
    assert shown is not None
    assert fetch(UserFactory(), shown["url"]).status_code == 403
    assert fetch(owner, urlsplit(shown["url"]).path).status_code == 400


def test_a_look_of_somebody_else_is_written_down(owner: User) -> None:
    staff = UserFactory(staff=True)
    shown = selectors.private_file(label(owner), viewer=staff)
    assert shown is not None
    assert fetch(staff, shown["url"]).status_code == 200
    assert AuditEntry.objects.filter(action="media.private_file_viewed", actor_id=staff.pk).count() == 1


def test_what_is_no_document_is_rejected(owner: User) -> None:
    asset = label(owner, b"<html><script>alert(1)</script>" + b" " * 100)
    assert (asset.state, asset.failure_code, asset.variants) == (AssetState.REJECTED, "media.content_mismatch", [])
    assert stored("private") == []


def test_a_picture_that_calls_itself_a_document_is_rejected(owner: User) -> None:
    assert label(owner, pictures.jpeg()).failure_code == "media.content_mismatch"


def test_a_picture_may_be_a_label_and_is_drawn_anew(owner: User) -> None:
    asset = label(owner, pictures.jpeg(1600, 2400), "image/jpeg")
    assert [(v["format"], v["width"]) for v in asset.variants] == [("jpeg", 1440)]
    assert asset.variants[0]["key"].startswith("labels/")
    shown = selectors.private_file(asset, viewer=owner)
    assert shown is not None
    assert fetch(owner, shown["url"])["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("purpose", [Purpose.PRODUCT, Purpose.EVIDENCE, Purpose.AVATAR, Purpose.MESSAGE])
def test_documents_are_labels_and_nothing_else(owner: User, purpose: str) -> None:
    with pytest.raises(UnsupportedType):
        actions.request_upload(
            owner=owner, filename="a.pdf", content_type="application/pdf", byte_size=100, purpose=purpose
        )
    assert not MediaAsset.objects.exists()


def test_a_document_has_a_limit_of_its_own(owner: User) -> None:
    with pytest.raises(TooLarge):
        actions.request_upload(
            owner=owner,
            filename="a.pdf",
            content_type="application/pdf",
            byte_size=5 * 1024**2 + 1,
            purpose=Purpose.LABEL,
        )
    assert not MediaAsset.objects.exists()


def test_a_document_is_in_its_owners_export(owner: User) -> None:
    asset = label(owner)
    files = dict(export_person(owner))
    assert files[f"media/files/{asset.pk}.pdf"] == PDF
    assert files["media/files.json"][0]["file"] == f"media/files/{asset.pk}.pdf"

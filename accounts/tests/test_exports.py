import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import storages
from django.utils import timezone

from accounts import ports
from accounts.actions import follow_person, make_export, request_export
from accounts.actions.exports import erase_export_files, expire_exports
from accounts.errors import ExportUnderWay
from accounts.models import DataExport
from accounts.proofs import export_signature
from accounts.tests.factories import AddressFactory, DeviceFactory, UserFactory
from core.models import OutboxEvent

pytestmark = pytest.mark.django_db
EXPORTS = "/api/v1/users/me/exports"


@pytest.fixture
def own_port(monkeypatch):
    monkeypatch.setattr(ports, "_exporters", dict(ports._exporters))


def read(key):
    return zipfile.ZipFile(io.BytesIO(storages["private"].open(key).read()))


def test_the_job_makes_a_zip_of_every_apps_part(own_port, deliver):
    ports.register_exporter(
        "shop", lambda user: iter([("shop/words.txt", b"hello"), ("shop/rows.json", [{"of": user.pk}])])
    )
    user = UserFactory(full_name="Layla Haddad")
    AddressFactory(user=user, street="Al Marsa Street 12")
    DeviceFactory(user=user, push_token="secret-push")
    follow_person(follower=user, followed=UserFactory(username="omar"))
    export = request_export(user=user)
    deliver()
    export.refresh_from_db()
    assert export.state == "ready"
    assert export.expires_at - export.ready_at == timedelta(days=7)
    archive = read(export.key)
    assert {"accounts/account.json", "accounts/addresses.json", "shop/words.txt", "shop/rows.json"} <= set(
        archive.namelist()
    )
    told_of = {name.split("/")[0] for name in archive.namelist()}
    assert told_of <= {*ports.exporters()}
    assert not [name for name in archive.namelist() if name.split("/")[1] in told_of]  # each app's folder once
    account = json.loads(archive.read("accounts/account.json"))
    assert account["full_name"] == "Layla Haddad"
    assert "password" not in account
    assert json.loads(archive.read("accounts/addresses.json"))[0]["street"] == "Al Marsa Street 12"
    assert json.loads(archive.read("accounts/following.json"))[0]["username"] == "omar"
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"secret-push" not in everything
    assert user.password.encode() not in everything
    assert OutboxEvent.objects.filter(name="accounts.export_ready").count() == 1


def test_the_job_may_run_twice(deliver):
    export = request_export(user=UserFactory())
    make_export(export_id=export.pk)
    make_export(export_id=export.pk)
    deliver()
    assert OutboxEvent.objects.filter(name="accounts.export_ready").count() == 1


def test_one_at_a_time():
    user = UserFactory()
    request_export(user=user)
    with pytest.raises(ExportUnderWay):
        request_export(user=user)
    assert DataExport.objects.count() == 1


def test_the_zip_goes_after_a_week(deliver):
    export = request_export(user=UserFactory())
    deliver()
    export.refresh_from_db()
    key = export.key
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert expire_exports() == 1
        assert expire_exports() == 0
    export.refresh_from_db()
    assert (export.state, export.key) == ("expired", "")
    assert not storages["private"].exists(key)


def test_what_could_not_be_made_within_a_day_is_given_up():
    export = request_export(user=UserFactory())
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert expire_exports() == 1
    export.refresh_from_db()
    assert export.state == "failed"


def test_downloads_by_a_signed_link_only(api, deliver):
    user = UserFactory()
    api.force_authenticate(user)
    asked = api.post(EXPORTS)
    assert asked.status_code == 202
    assert asked.json()["download_url"] is None
    deliver()
    shown = api.get(f"{EXPORTS}/{asked.json()['id']}").json()
    link = shown["download_url"]
    api.force_authenticate(None)
    got = api.get(link)
    assert got["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content))).namelist()
    for wrong in (link + "x", link.split("?")[0], link.split("?")[0] + "?signature=a:b:c"):
        assert api.get(wrong).json()["code"] == "accounts.export_not_found"
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        assert api.get(link).status_code == 404


def test_a_link_fits_its_own_export_only(api, deliver):
    links = []
    for _n in range(2):
        api.force_authenticate(UserFactory())
        export_id = api.post(EXPORTS).json()["id"]
        deliver()
        links.append(api.get(f"{EXPORTS}/{export_id}").json()["download_url"])
    crossed = links[0].split("?")[0] + "?" + links[1].split("?")[1]
    assert api.get(crossed).status_code == 404


def test_strangers_see_no_export(api):
    export = request_export(user=UserFactory())
    api.force_authenticate(UserFactory())
    assert api.get(f"{EXPORTS}/{export.pk}").json()["code"] == "accounts.export_not_found"
    assert api.get(EXPORTS).json()["results"] == []


def files_of(user):
    try:
        return storages["private"].listdir(f"exports/{user.pk}")[1]
    except FileNotFoundError:
        return []


def test_a_sweep_that_dies_between_its_steps_leaves_no_zip_behind(deliver, monkeypatch):
    export = request_export(user=UserFactory())
    deliver()
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        with monkeypatch.context() as patched:
            patched.setattr(storages["private"], "delete", died)
            with pytest.raises(KeyboardInterrupt):
                expire_exports()
        expire_exports()
    export.refresh_from_db()
    assert (export.state, export.key) == ("expired", "")
    assert files_of(export.user) == []


def died(*_given):
    raise KeyboardInterrupt


@pytest.mark.parametrize("end", ["erased", "given_up"])
def test_a_zip_that_nobody_waits_for_any_more_is_not_kept(own_port, end):
    user = UserFactory()
    export = request_export(user=user)

    def slow(_user):
        yield "slow/words.txt", b"hello"
        if end == "erased":
            DataExport.objects.all().delete()
            erase_export_files(user_id=user.pk)
        else:
            with time_machine.travel(timezone.now() + timedelta(hours=25)):
                assert expire_exports() == 1

    ports.register_exporter("slow", slow)
    make_export(export_id=export.pk)
    assert files_of(user) == []
    assert not OutboxEvent.objects.filter(name="accounts.export_ready").exists()


def test_a_zip_whose_week_is_over_is_not_given_out_before_the_sweep_comes(api, deliver):
    user = UserFactory()
    api.force_authenticate(user)
    export = request_export(user=user)
    deliver()
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert api.get(f"{EXPORTS}/{export.pk}").json()["download_url"] is None
        answer = api.get(f"{EXPORTS}/{export.pk}/download?signature={export_signature(export.pk)}")
    assert (answer.status_code, answer.json()["code"]) == (409, "accounts.export_not_ready")

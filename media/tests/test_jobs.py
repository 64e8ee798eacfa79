import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.conf import settings as project
from django.db import connection, connections
from django.utils import timezone

from accounts.models import User
from core import deliveries
from core.models import AuditEntry, Delivery, DeliveryState, OutboxEvent
from core.testing import deliver_everything
from media import actions
from media.models import MediaAsset
from media.states import AssetState
from media.tests import pictures
from media.tests.sending import prepared, sent, stored


def delivery_of(handler: str) -> Delivery:
    return Delivery.objects.get(handler=f"media.{handler}")


def attempt(handler: str) -> None:
    deliveries.carry_out(delivery_of(handler).pk)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_half_way_loses_nothing(owner: User, tmp_path: Path) -> None:
    asset = sent(owner, pictures.clip(size="960x540", seconds=6), content_type="video/mp4")
    worker = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WORKER, str(delivery_of("prepare_video").pk)],
        env=os.environ
        | {
            "DATABASE_URL": f"postgis://{connection.settings_dict['USER']}@"
            f"{connection.settings_dict['HOST'].replace('/', '%2F')}:{connection.settings_dict['PORT']}/"
            f"{connection.settings_dict['NAME']}",
            "MEDIA_ROOT": str(tmp_path / "media"),
            "TMPDIR": str(tmp_path),
        },
        cwd=project.BASE_DIR,
    )
    try:
        wait_until(lambda: MediaAsset.objects.get().progress >= 10)  # the poster is drawn, the clip is being rendered
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    asset.refresh_from_db()
    assert asset.state == AssetState.PROCESSING
    assert stored() == []
    assert len(stored("private")) == 1
    wait_until(lambda: not programs_in(tmp_path))  # ffmpeg died with its worker
    row = delivery_of("prepare_video")
    assert row.state == DeliveryState.PENDING
    attempt("prepare_video")  # another worker, too early: the dead one still holds the lease
    assert MediaAsset.objects.get().attempts == 1

    Delivery.objects.filter(pk=row.pk).update(running_until=timezone.now() - timedelta(seconds=1))
    deliver_everything()

    asset.refresh_from_db()
    assert asset.state == AssetState.READY
    assert asset.attempts == 2
    assert len(stored()) == len(asset.variants)
    assert stored("private") == []


WORKER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from core.deliveries import carry_out
carry_out(int(sys.argv[1]))
"""


def wait_until(true: object, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def programs_in(folder: Path) -> list[str]:
    """Processes whose command line names the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and "ffmpeg" in line:
            found.append(line)
    return found


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_delivery_prepare_it_once(owner: User) -> None:
    asset = sent(owner, pictures.jpeg(900, 700))
    pk = delivery_of("prepare_picture").pk
    at_once(lambda: deliveries.carry_out(pk), times=2)

    asset.refresh_from_db()
    assert asset.state == AssetState.READY
    assert asset.attempts == 1
    assert OutboxEvent.objects.filter(name="media.asset_ready").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_files_of_the_same_bytes_at_once_end_with_one_set_of_files(owner: User, stranger: User) -> None:
    mine, theirs = sent(owner, pictures.jpeg(900, 700)), sent(stranger, pictures.jpeg(900, 700))
    ids = iter(list(Delivery.objects.filter(handler="media.prepare_picture").values_list("pk", flat=True)))
    at_once(lambda: deliveries.carry_out(next(ids)), times=2)

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert mine.state == theirs.state == AssetState.READY
    assert mine.variants == theirs.variants
    assert len(stored()) == len(mine.variants)


def at_once(work: object, *, times: int) -> None:
    start = threading.Barrier(times)

    def run() -> None:
        start.wait()
        try:
            work()  # type: ignore[operator]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_job_that_runs_again_after_its_work_was_done_changes_nothing(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg())
    before = (asset.updated_at, [(p, p.stat().st_mtime_ns) for p in stored()])
    Delivery.objects.filter(handler="media.prepare_picture").update(state=DeliveryState.PENDING)

    deliver_everything()

    asset.refresh_from_db()
    assert (asset.updated_at, [(p, p.stat().st_mtime_ns) for p in stored()]) == before


@pytest.fixture
def broken_maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter that runs the picture maker is missing: a fault of ours, not of the file."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))


@pytest.mark.usefixtures("broken_maker")
def test_a_failure_of_ours_is_tried_again_and_then_given_up(owner: User) -> None:
    asset = sent(owner, pictures.jpeg())
    for made in range(1, 4):
        attempt("prepare_picture")
        asset.refresh_from_db()
        assert (asset.state, asset.attempts) == (AssetState.PROCESSING, made)

    attempt("prepare_picture")

    asset.refresh_from_db()
    assert (asset.state, asset.failure_code) == (AssetState.FAILED, "media.preparation_failed")
    assert delivery_of("prepare_picture").state == DeliveryState.DONE
    assert len(stored("private")) == 1  # kept, to be tried again
    assert OutboxEvent.objects.filter(name="media.asset_failed").count() == 1


def test_an_operator_has_a_failed_file_prepared_again(
    owner: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", str(tmp_path / "no-python"))
        asset = sent(owner, pictures.jpeg())
        for _attempt in range(4):
            attempt("prepare_picture")

    actions.prepare_again(asset_id=asset.pk, operator=owner)
    deliver_everything()

    asset.refresh_from_db()
    assert (asset.state, asset.failure_code) == (AssetState.READY, "")
    assert AuditEntry.objects.get().action == "media.prepare_again"


def test_a_file_that_takes_its_worker_down_each_time_is_given_up(owner: User) -> None:
    asset = sent(owner, pictures.jpeg())
    for _attempt in range(4):
        assert actions.start_preparation(asset_id=asset.pk) is not None  # and then the worker is gone

    assert actions.start_preparation(asset_id=asset.pk) is None
    asset.refresh_from_db()
    assert asset.state == AssetState.FAILED


def test_a_file_whose_job_was_lost_is_asked_for_again(owner: User) -> None:
    asset = sent(owner, pictures.jpeg())
    Delivery.objects.update(state=DeliveryState.PARKED)

    with time_machine.travel(timezone.now() + timedelta(minutes=19)):
        assert actions.requeue_stuck_assets(now=timezone.now()) == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=21)):
        assert actions.requeue_stuck_assets(now=timezone.now()) == 1
        assert actions.requeue_stuck_assets(now=timezone.now()) == 0
    Delivery.objects.update(due_at=timezone.now())
    deliver_everything()

    asset.refresh_from_db()
    assert asset.state == AssetState.READY


def test_a_file_that_changed_size_in_the_store_is_refused(owner: User) -> None:
    asset = sent(owner, pictures.jpeg())
    (path,) = stored("private")
    path.write_bytes(path.read_bytes() + b"more")

    deliver_everything()

    asset.refresh_from_db()
    assert (asset.state, asset.failure_code) == (AssetState.REJECTED, "media.wrong_size")


def test_halves_of_a_worker_that_was_killed_while_storing_are_cleared(owner: User, settings: LazySettings) -> None:
    asset = prepared(owner, pictures.jpeg())
    half = stored()[0].with_name("320.avif.0123456789abcdef.part")
    half.write_bytes(b"half")
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.EXPIRED)

    again = prepared(owner, pictures.jpeg())

    assert again.state == AssetState.READY
    assert half not in stored()

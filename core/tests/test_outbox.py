import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import deliveries, events
from core.events import Event, event, handles, publish, publish_many, starts_job
from core.models import AuditEntry, Delivery, DeliveryState, OutboxEvent
from core.testing import make_due


@event("core.test_thing_happened")
class ThingHappened(Event):
    thing_id: uuid.UUID
    note: str = ""


@event("core.test_job_wanted")
class JobWanted(Event):
    thing_id: uuid.UUID


mood = {"fail": False, "runs": 0}


@handles(ThingHappened)
def write_down_that_it_happened(news: ThingHappened) -> None:
    mood["runs"] += 1
    AuditEntry.objects.create(action="test", target_kind="thing", target_id=str(news.thing_id))
    if mood["fail"]:
        msg = "no"
        raise ValueError(msg)


@starts_job(JobWanted)
def do_the_long_job(news: JobWanted) -> None:
    assert not connection.in_atomic_block or mood.get("in_test_transaction")
    mood["runs"] += 1
    if mood["fail"]:
        msg = "no"
        raise ValueError(msg)


@pytest.fixture(autouse=True)
def _fresh_mood():
    mood.update(fail=False, runs=0, in_test_transaction=False)


def published(cls=ThingHappened) -> Delivery:
    with transaction.atomic():
        publish(cls(thing_id=uuid.uuid4()))
    return Delivery.objects.latest("id")


@pytest.mark.django_db(transaction=True)
def test_refuses_news_outside_a_transaction():
    with pytest.raises(RuntimeError):
        publish(ThingHappened(thing_id=uuid.uuid4()))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_news_of_a_sweep_is_written_in_one_statement_and_reads_like_any_other(django_assert_num_queries):
    things = [uuid.uuid4() for _ in range(3)]
    with transaction.atomic(), django_assert_num_queries(1):
        publish_many([ThingHappened(thing_id=thing) for thing in things])
    rows = list(OutboxEvent.objects.filter(name=ThingHappened.name).order_by("id"))
    assert [events.read(row) for row in rows] == [ThingHappened(thing_id=thing) for thing in things]
    assert Delivery.objects.filter(event__in=rows, state=DeliveryState.PENDING).count() == 3
    with transaction.atomic():
        publish_many([])


@pytest.mark.django_db(transaction=True)
def test_news_vanishes_with_the_change_that_made_it():
    with transaction.atomic():
        publish(ThingHappened(thing_id=uuid.uuid4()))
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_second_delivery_does_nothing():
    row = published()
    deliveries.carry_out(row.pk)
    deliveries.carry_out(row.pk)
    assert AuditEntry.objects.count() == 1
    row.refresh_from_db()
    assert row.state == DeliveryState.DONE


@pytest.mark.django_db(transaction=True)
def test_a_failed_handler_leaves_nothing_and_is_tried_again_later():
    row = published()
    mood["fail"] = True
    deliveries.carry_out(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (DeliveryState.PENDING, 1)
    assert row.due_at > timezone.now()
    assert "ValueError" in row.last_error
    assert not AuditEntry.objects.exists()
    mood["fail"] = False
    deliveries.carry_out(row.pk)
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [ThingHappened, JobWanted])
def test_what_keeps_failing_is_parked_and_can_be_tried_again(kind):
    row = published(kind)
    mood["fail"] = True
    for _ in range(deliveries.MAX_ATTEMPTS):
        deliveries.carry_out(row.pk)
    row.refresh_from_db()
    assert row.state == DeliveryState.PARKED
    mood["fail"] = False
    deliveries.try_again(row)
    deliveries.carry_out(row.pk)
    row.refresh_from_db()
    assert row.state == DeliveryState.DONE


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_delivery_run_it_once():
    row = published()
    gate = threading.Barrier(8)

    def work():
        gate.wait()
        deliveries.carry_out(row.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_died_runs_again_after_its_lease():
    row = published(JobWanted)
    Delivery.objects.filter(pk=row.pk).update(running_until=timezone.now() + timedelta(minutes=2), attempts=1)
    deliveries.carry_out(row.pk)
    assert mood["runs"] == 0
    Delivery.objects.filter(pk=row.pk).update(running_until=timezone.now() - timedelta(seconds=1))
    deliveries.carry_out(row.pk)
    assert mood["runs"] == 1


@pytest.mark.django_db(transaction=True)
def test_relays_share_due_deliveries_and_what_was_lost_comes_back():
    rows = [published() for _ in range(6)]
    first, second = deliveries.claim_due(limit=4), deliveries.claim_due(limit=4)
    assert sorted([*first, *second]) == [r.pk for r in rows]
    assert deliveries.claim_due() == []
    make_due()  # as if a minute had passed and the broker had lost them
    assert len(deliveries.claim_due()) == 6


@pytest.mark.django_db
def test_an_event_survives_the_table():
    news = ThingHappened(thing_id=uuid.uuid4(), note="a")
    publish(news)
    row = OutboxEvent.objects.latest("id")
    assert events.read(row) == news
    row.payload["added_later"] = 1
    assert events.read(row) == news

"""What the provider is asked for, while two want it at the same moment."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payments.actions import run_command
from payments.models import ProviderCommand
from payments.states import CommandKind, CommandState
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_whoever_finds_a_command_being_taken_waits_for_its_end():
    now = timezone.now()
    command = ProviderCommand.objects.create(
        kind=CommandKind.CREATE_CHARGE, subject="payment:x", idempotency_key="charge:x", params={}, due_at=now
    )
    mine = ProviderCommand.objects.filter(pk=command.pk)
    taken, looked = threading.Event(), threading.Event()

    def take():
        lease = now + timedelta(minutes=1)
        with transaction.atomic():
            mine.select_for_update().get()
            taken.set()
            looked.wait(timeout=1)  # nobody else sees yet that it is leased
            mine.update(state=CommandState.SENT, leased_until=lease, due_at=lease, first_sent_at=now)
        mine.update(state=CommandState.DONE, leased_until=None, result_id="pi_1", done_at=timezone.now())

    def ask():
        assert taken.wait(timeout=30)
        return run_command(command_id=command.pk, wait_seconds=30)

    assert at_once([take, ask]) == [None, CommandState.DONE]

"""Many who post to the same accounts: nothing is lost, nobody waits in a ring, and what all share is locked at the commit alone."""

import os
import random
import re
import threading
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Sum

from core.money import Money
from payments.actions import Line, post, post_many, seal_ledger
from payments.actions.posting import Posting
from payments.models import LedgerBalance, LedgerTransaction
from payments.selectors import audit_ledger
from payments.states import AccountKind, Postings
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
FULL = bool(os.environ.get("SOUK_TEST_FULL"))
PEOPLE, ROUNDS = (16, 100) if FULL else (8, 12)
SHARED = [
    (AccountKind.CLEARING, ""),
    (AccountKind.REVENUE, "commission"),
    (AccountKind.REVENUE, "instant_fee"),
    (AccountKind.EXPENSE, "provider_fees"),
    (AccountKind.EXPENSE, "vouchers"),
]
SELLERS = [(AccountKind.SELLER, f"seller {number}") for number in range(3)]


def line(account, minor):
    return Line(*account, Money(minor, "AED"))


def between(first, second, minor, ref):
    return Posting(Postings.ADJUSTMENT, ref, [line(first, minor), line(second, -minor)])


def pays(person):
    """Transactions of several postings, each in an order of its own; some of them everybody posts, and some are rolled back."""
    dice = random.Random(person)
    for number in range(ROUNDS):
        with transaction.atomic():
            own, shared = f"own {person} {number}", f"all {number}"
            sellers = dice.sample(SELLERS, 2)
            asked = [
                between(sellers[0], dice.choice(SHARED), dice.randint(1, 99), own),
                between(sellers[1], dice.choice(SHARED), dice.randint(1, 99), f"{own} b"),
                between(*SHARED[:2], 7, shared),
            ]
            dice.shuffle(asked)
            post_many(asked)
            for once in range(dice.randint(0, 3)):  # what is shared has no order in which it must be asked for
                post_many([between(*dice.sample(SHARED, 2), dice.randint(1, 99), f"{own} {once}")])
            transaction.set_rollback(dice.random() < 0.2)


def test_who_post_to_the_same_accounts_in_any_order_lose_nothing_and_come_to_an_end():
    opened()
    answers = at_once([partial(pays, person) for person in range(PEOPLE)])
    assert answers == [None] * PEOPLE
    seal_ledger(limit=100_000)
    verdict = audit_ledger()
    assert (verdict.faults, verdict.unsealed) == ([], 0)
    assert LedgerTransaction.objects.filter(ref__startswith="all ").count() <= ROUNDS
    assert LedgerBalance.objects.aggregate(sum=Sum("amount"))["sum"] == 0


def goes_through(posting):
    """Whether somebody else can post this and commit now, while the caller's transaction is open."""

    def other():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '3s'")
            post_many([posting])

    [answer] = at_once([other])
    assert answer is None or isinstance(answer, OperationalError), answer
    return answer is None


def opened():
    """Every account is there already: who opens one in a transaction lets nobody else open it."""
    for number, account in enumerate([*SHARED[1:], *SELLERS]):
        post_many([between(SHARED[0], account, 1, f"opened {number}")])


def balance(account):
    return LedgerBalance.objects.get(account__kind=account[0], account__owner=account[1]).amount


def test_what_everybody_shares_is_free_until_the_commit():
    opened()
    before = balance(SHARED[1])
    with transaction.atomic():
        post_many([between(SHARED[0], SHARED[1], 5, "slow")])
        assert goes_through(between(SHARED[0], SHARED[1], 100, "quick"))
        assert balance(SHARED[1]) == before - 100  # and its own line is seen with the others, at the commit
    assert balance(SHARED[1]) == before - 105
    assert audit_ledger().faults == []


def test_at_the_commit_there_is_one_after_the_other():
    opened()
    with transaction.atomic():
        post_many([between(SHARED[0], SHARED[1], 5, "slow")])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS follow_at_commit IMMEDIATE")  # what a commit does first
        assert not goes_through(between(SHARED[2], SHARED[3], 100, "other accounts of them"))
    assert goes_through(between(SHARED[2], SHARED[3], 100, "afterwards"))


def test_an_account_of_somebodys_own_is_theirs_who_posted_first():
    opened()
    with transaction.atomic():
        post_many([between(SELLERS[0], SHARED[0], 5, "slow")])
        assert not goes_through(between(SELLERS[0], SHARED[0], 5, "late"))
        assert goes_through(between(SELLERS[1], SHARED[0], 5, "of another"))
    assert audit_ledger().faults == []


def test_who_posts_the_same_waits_for_the_first_and_hears_the_same():
    opened()
    with transaction.atomic():
        first = post(kind=Postings.ADJUSTMENT, ref="same", lines=[line(SHARED[0], 5), line(SHARED[1], -5)])
        assert not goes_through(between(SHARED[0], SHARED[1], 5, "same"))
    again = post(kind=Postings.ADJUSTMENT, ref="same", lines=[line(SHARED[0], 5), line(SHARED[1], -5)])
    assert again == first
    assert again.entries.count() == 2


def definition(function):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
        return cursor.fetchone()[0]


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_control_without_the_gate_two_wait_for_each_other():
    opened()
    guarded = definition("payments_follow_at_commit")
    together = threading.Barrier(2)

    def moves(first, second, seller):
        with transaction.atomic():
            run("SET CONSTRAINTS follow_at_commit IMMEDIATE")
            post_many([between(first, seller, 1, f"first of {seller}")])
            together.wait(timeout=30)  # each has one: what the gate rules out
            post_many([between(second, seller, 1, f"second of {seller}")])

    run(re.sub(r"PERFORM pg_advisory_xact_lock[^;]*;", "", guarded))
    try:
        answers = at_once(
            [partial(moves, SHARED[1], SHARED[2], SELLERS[0]), partial(moves, SHARED[2], SHARED[1], SELLERS[1])]
        )
    finally:
        run(guarded)
    [error] = [answer for answer in answers if answer is not None]
    assert isinstance(error, OperationalError)
    assert "deadlock" in str(error)

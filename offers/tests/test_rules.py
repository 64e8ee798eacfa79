from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from core.money import Money
from offers import errors, rules
from offers.models import Offer, OfferTerms
from offers.states import OfferKind, OfferState, Side

MINOR = st.integers(-(10**6), 10**9)
ASKED = st.integers(1, 10**9)


def aed(minor):
    return Money(minor, "AED")


def passes(check, *said, **more):
    try:
        check(*said, **more)
    except Refusal:
        return False
    return True


@given(minor=MINOR, asked=ASKED)
def test_an_amount_is_above_zero_and_not_above_the_price(minor, asked):
    assert passes(rules.check_amount, aed(minor), asked=aed(asked), at="offered_price") == (0 < minor <= asked)


@given(minor=ASKED, fee=st.integers(0, 10**9))
def test_an_amount_is_above_its_fee(minor, fee):
    assert passes(rules.check_above_fee, aed(minor), fee=aed(fee), at="offered_price") == (minor > fee)


@given(before=ASKED, now=ASKED, turn=st.integers(1, 12), side=st.sampled_from(Side))
def test_counters_move_towards_each_other_and_end(before, now, turn, side):
    answered = Offer(turn=turn, amount_minor=before, currency="AED")
    fits = turn < 10 and (now > before if side == Side.SELLER else now < before)
    assert passes(rules.check_counter, by=side, amount=aed(now), trade_product_id=None, answered=answered) == fits


@given(
    minor=ASKED,
    asked=ASKED,
    floor=st.none() | st.integers(1, 99),
    accept=st.none() | st.integers(1, 100),
    kind=st.sampled_from(OfferKind),
)
def test_the_house_answers_by_exact_percentages_and_only_to_money(minor, asked, floor, accept, kind):
    terms = OfferTerms(floor_percent=floor, auto_accept_percent=accept)
    answer = rules.house_answer(terms, kind=kind, amount=aed(minor), asked=aed(asked))
    share = Decimal(minor) / Decimal(asked) * 100
    if kind != OfferKind.CASH:
        assert answer is None
    elif floor is not None and Decimal(minor) * 100 < Decimal(asked) * floor:
        assert answer == OfferState.DECLINED
        assert share < floor or round(share, 20) == floor
    elif accept is not None and Decimal(minor) * 100 >= Decimal(asked) * accept:
        assert answer == OfferState.ACCEPTED
    else:
        assert answer is None


@given(asked=ASKED, said=st.lists(MINOR, max_size=12))
def test_whatever_is_said_a_negotiation_stays_within_its_bounds(asked, said):
    turns = []
    for minor in said:
        amount, by = aed(minor), Side.SELLER if len(turns) % 2 else Side.BUYER
        if not passes(rules.check_amount, amount, asked=aed(asked), at="counter_price"):
            continue
        last = Offer(turn=len(turns), amount_minor=turns[-1], currency="AED") if turns else None
        if last and not passes(rules.check_counter, by=by, amount=amount, trade_product_id=None, answered=last):
            continue
        turns.append(minor)
    assert len(turns) <= rules.MAX_TURNS
    assert all(0 < minor <= asked for minor in turns)
    assert all(ask > bid for bid, ask in zip(turns[::2], turns[1::2], strict=False))


@pytest.mark.parametrize(
    ("floor", "accept", "refusal"),
    [
        (None, None, None),
        (1, 100, None),
        (99, 100, None),
        (60, 60, errors.FloorAboveAcceptance),
        (61, 60, errors.FloorAboveAcceptance),
        (0, None, errors.NotAPercentage),
        (100, None, errors.NotAPercentage),
        (None, 0, errors.NotAPercentage),
        (None, 101, errors.NotAPercentage),
    ],
)
def test_terms_are_percentages_with_the_floor_below(floor, accept, refusal):
    if refusal is None:
        rules.check_terms(floor_percent=floor, auto_accept_percent=accept)
    else:
        with pytest.raises(refusal):
            rules.check_terms(floor_percent=floor, auto_accept_percent=accept)

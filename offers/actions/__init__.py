"""What can be done with offers."""

from offers.actions.answers import accept_offer, decline_offer, withdraw_offer
from offers.actions.clocks import restart_clocks, stop_clocks
from offers.actions.listings import (
    announce_price,
    end_offers_between,
    follow_listing,
    note_price,
    show_again,
    show_clocks,
)
from offers.actions.orders import end_with_its_order, note_paid
from offers.actions.sweeps import (
    archive_old_offers,
    expire_due_offers,
    release_unpaid_offers,
    stop_forgotten_clocks,
    tell_of_batch,
)
from offers.actions.terms import TermsFields, set_terms
from offers.actions.turns import KEEP, Keep, counter_offer, make_offer

__all__ = [
    "KEEP",
    "Keep",
    "TermsFields",
    "accept_offer",
    "announce_price",
    "archive_old_offers",
    "counter_offer",
    "decline_offer",
    "end_offers_between",
    "end_with_its_order",
    "expire_due_offers",
    "follow_listing",
    "make_offer",
    "note_paid",
    "note_price",
    "release_unpaid_offers",
    "restart_clocks",
    "set_terms",
    "show_again",
    "show_clocks",
    "stop_clocks",
    "stop_forgotten_clocks",
    "tell_of_batch",
    "withdraw_offer",
]

"""What offers do when something else happens."""

from accounts.events import PersonBlocked
from catalog.events import PriceChanged, ProductPublished, ProductSold, ProductUnlisted
from core.events import handles, starts_job
from offers import actions
from offers.events import (
    AskingPriceChanged,
    BatchExpired,
    ClocksRestarted,
    ClocksStopped,
    OfferExpired,
    OfferSuperseded,
)
from orders.events import OrderCancelled, OrderConfirmed


@starts_job(ProductSold)
def end_offers_for_what_is_sold(news: ProductSold) -> None:
    actions.follow_listing(product_id=news.product_id)


@starts_job(ProductUnlisted)
def stop_or_end_offers_for_what_is_off_show(news: ProductUnlisted) -> None:
    actions.follow_listing(product_id=news.product_id)


@starts_job(ProductPublished)
def restart_offers_for_what_is_for_sale_again(news: ProductPublished) -> None:
    actions.follow_listing(product_id=news.product_id)


@handles(PriceChanged)
def tell_everybody_who_haggles_about_a_price(news: PriceChanged) -> None:
    actions.announce_price(product_id=news.product_id, old_minor=news.old_minor, new_minor=news.new_minor)


@handles(AskingPriceChanged)
def note_price_in_the_conversation(news: AskingPriceChanged) -> None:
    actions.note_price(offer_id=news.offer_id, old_minor=news.old_minor, new_minor=news.new_minor)


@handles(PersonBlocked)
def end_offers_between_two_who_part(news: PersonBlocked) -> None:
    actions.end_offers_between(person_id=news.blocker_id, other_id=news.blocked_id)


@handles(BatchExpired)
def tell_of_each_offer_that_a_sweep_ended(news: BatchExpired) -> None:
    actions.tell_of_batch(offer_ids=news.offer_ids)


@handles(OfferExpired)
def draw_expired_offer_anew(news: OfferExpired) -> None:
    actions.show_again(offer_id=news.offer_id)


@handles(OfferSuperseded)
def draw_superseded_offer_anew(news: OfferSuperseded) -> None:
    actions.show_again(offer_id=news.offer_id)


@handles(OrderConfirmed)
def note_that_an_offer_is_paid(news: OrderConfirmed) -> None:
    actions.note_paid(reference=news.source_reference)


@handles(OrderCancelled)
def end_the_offer_of_a_cancelled_order(news: OrderCancelled) -> None:
    actions.end_with_its_order(reference=news.source_reference, because=news.because)


@starts_job(ClocksStopped)
def draw_offers_with_stopped_clocks_anew(news: ClocksStopped) -> None:
    actions.show_clocks(product_id=news.product_id)


@starts_job(ClocksRestarted)
def draw_offers_with_running_clocks_anew(news: ClocksRestarted) -> None:
    actions.show_clocks(product_id=news.product_id)

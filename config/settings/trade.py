"""Listings, offers and talk: rules that an operator may change."""

from datetime import timedelta

from config.settings.environment import env

OPEN_LISTINGS_PER_SELLER = env.int("OPEN_LISTINGS_PER_SELLER", default=50)
LISTING_LIFE = timedelta(days=env.int("LISTING_LIFE_DAYS", default=60))
NEW_SELLER_APPROVALS = env.int("NEW_SELLER_APPROVALS", default=3)

OFFER_LIFE = timedelta(hours=env.int("OFFER_LIFE_HOURS", default=24))  # of each turn
OFFER_PAYMENT_WINDOW = timedelta(hours=env.int("OFFER_PAYMENT_WINDOW_HOURS", default=24))  # after accepting
OFFER_KEPT_IN_LISTS = timedelta(days=env.int("OFFER_KEPT_IN_LISTS_DAYS", default=30))  # after its end
OFFERS_PER_PERSON = {
    "newcomer": env.str("OFFERS_PER_NEWCOMER", default="5/d"),
    "other": env.str("OFFERS_PER_PERSON", default="40/h"),
}

MESSAGING = {
    "edit_minutes": env.int("MESSAGE_EDIT_MINUTES", default=15),
    "unsend_hours": env.int("MESSAGE_UNSEND_HOURS", default=24),
    "characters": env.int("MESSAGE_CHARACTERS", default=2000),
    "images": env.int("MESSAGE_IMAGES", default=10),
    "a_minute": env.int("MESSAGES_A_MINUTE", default=60),  # per person
    "newcomer_conversations": env.int("NEWCOMER_CONVERSATIONS", default=5),  # new ones a day, until the phone is proven
    "conversations": env.int("CONVERSATIONS_A_DAY", default=40),
    "same_words": env.int("SAME_WORDS_CONVERSATIONS", default=5),  # that one began oneself, within `same_words_minutes`
    "same_words_minutes": env.int("SAME_WORDS_MINUTES", default=10),
    "kept_days": env.int(
        "UNSENT_WORDS_KEPT_DAYS", default=30
    ),  # for cases, after they were unsent, edited or disappeared
}

MAP_TILE_URL = env.str("MAP_TILE_URL", default="")
# Where a tap on a place that somebody shared leads: nothing is loaded from there before.
MAP_LINK_URL = env.str(
    "MAP_LINK_URL",
    default="https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}",
)

"""What beat does and how often. The rows in the database follow this table at every start of beat.

Each job may run twice or be skipped once without harm: it looks at the state of the world, not at the clock that
called it.
"""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "core.canary": {"task": "core.canary", "schedule": timedelta(seconds=30), "options": {"expires": 60}},
    "core.seal_audit": {"task": "core.seal_audit", "schedule": timedelta(seconds=30), "options": {"expires": 60}},
    "moderation.escalate_overdue_cases": {
        "task": "moderation.escalate_overdue_cases",
        "schedule": timedelta(minutes=5),
    },
    "moderation.release_expired_claims": {
        "task": "moderation.release_expired_claims",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "moderation.blank_words_of_erased_reporters": {
        "task": "moderation.blank_words_of_erased_reporters",
        "schedule": crontab(hour="22", minute="40"),  # UTC
    },
    "core.forget_old_rows": {"task": "core.forget_old_rows", "schedule": crontab(hour="23", minute="15")},  # UTC
    "media.expire_stale_assets": {"task": "media.expire_stale_assets", "schedule": crontab(minute="7")},
    "media.requeue_stuck_assets": {"task": "media.requeue_stuck_assets", "schedule": timedelta(minutes=10)},
    "media.sweep_originals": {"task": "media.sweep_originals", "schedule": crontab(hour="22", minute="40")},  # UTC
    "accounts.lift_restrictions": {
        "task": "accounts.lift_restrictions",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 120},
    },
    "accounts.carry_out_erasures": {"task": "accounts.carry_out_erasures", "schedule": timedelta(hours=1)},
    "accounts.forget_old_rows": {"task": "accounts.forget_old_rows", "schedule": crontab(hour="23", minute="30")},
    "catalog.expire_products": {
        "task": "catalog.expire_products",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    # By day in Dubai and in Cairo (UTC): it may ring somebody's phone.
    "catalog.announce_ends": {"task": "catalog.announce_ends", "schedule": crontab(hour="6-15", minute="20")},
    "catalog.expire_holds": {
        "task": "catalog.expire_holds",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "messaging.expire_disappearing": {
        "task": "messaging.expire_disappearing",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "messaging.blank_old_messages": {
        "task": "messaging.blank_old_messages",
        "schedule": crontab(hour="22", minute="50"),  # UTC
    },
    "orders.expire_checkouts": {
        "task": "orders.expire_checkouts",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "orders.forget_guest_carts": {
        "task": "orders.forget_guest_carts",
        "schedule": crontab(hour="23", minute="20"),  # UTC
    },
    "offers.expire_offers": {
        "task": "offers.expire_offers",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "offers.archive_offers": {"task": "offers.archive_offers", "schedule": crontab(hour="23", minute="45")},  # UTC
    "orders.run_clocks": {
        "task": "orders.run_clocks",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "orders.poll_carriers": {"task": "orders.poll_carriers", "schedule": timedelta(minutes=10)},
    "catalog.flush_views": {
        "task": "catalog.flush_views",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "payments.run_due_commands": {
        "task": "payments.run_due_commands",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "payments.process_due_events": {
        "task": "payments.process_due_events",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "payments.catch_up_with_provider": {
        "task": "payments.catch_up_with_provider",
        "schedule": crontab(minute="35"),
    },
    "payments.reconcile": {"task": "payments.reconcile", "schedule": crontab(hour="0", minute="30")},  # UTC
    "search.count_popular": {
        "task": "search.count_popular",
        "schedule": crontab(minute="10"),
    },  # the specification: hourly
    "search.count_words": {"task": "search.count_words", "schedule": crontab(minute="25")},
    "search.follow_worth": {"task": "search.follow_worth", "schedule": crontab(minute="3-59/10")},
    "search.read_saved_searches_again": {
        "task": "search.read_saved_searches_again",
        "schedule": crontab(hour="23", minute="5"),  # UTC
    },
    "search.forget_removed_searches": {"task": "search.forget_removed_searches", "schedule": crontab(minute="50")},
    "search.copy_to_engine": {
        "task": "search.copy_to_engine",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 30},
    },
    "search.catch_up": {"task": "search.catch_up", "schedule": crontab(minute="40")},
    # Morning in Dubai and in Cairo (UTC). One mail for each person and day, however often it runs.
    "notifications.send_digests": {
        "task": "notifications.send_digests",
        "schedule": crontab(hour="5", minute="15"),
    },
    "feeds.flush_impressions": {
        "task": "feeds.flush_impressions",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "feeds.forget_old_impressions": {
        "task": "feeds.forget_old_impressions",
        "schedule": crontab(hour="23", minute="45"),  # UTC
    },
    "payments.seal_ledger": {
        "task": "payments.seal_ledger",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 60},
    },
    "payments.audit_ledger": {"task": "payments.audit_ledger", "schedule": crontab(hour="1", minute="30")},  # UTC
    "payments.run_payouts": {
        "task": "payments.run_payouts",
        "schedule": crontab(hour="4", minute="0"),
    },  # UTC: at 8 in Dubai
    "payments.run_instant_payouts": {"task": "payments.run_instant_payouts", "schedule": crontab(minute="20")},
    "payments.check_payouts": {"task": "payments.check_payouts", "schedule": crontab(minute="50")},
}

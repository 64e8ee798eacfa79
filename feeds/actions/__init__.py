from feeds.actions.impressions import (
    erase_impressions,
    flush_impressions,
    forget_old_impressions,
    is_sampled,
    note_impressions,
)
from feeds.actions.weights import discard_weights, propose_weights, put_weights_in_force

__all__ = [
    "discard_weights",
    "erase_impressions",
    "flush_impressions",
    "forget_old_impressions",
    "is_sampled",
    "note_impressions",
    "propose_weights",
    "put_weights_in_force",
]

"""What happens to uploads."""

import uuid

from core.events import Event, event


@event("media.upload_received")
class UploadReceived(Event):
    """The bytes are in quarantine and wait to be examined."""

    asset_id: uuid.UUID


@event("media.asset_ready")
class AssetReady(Event):
    asset_id: uuid.UUID


@event("media.asset_rejected")
class AssetRejected(Event):
    asset_id: uuid.UUID


@event("media.asset_failed")
class AssetFailed(Event):
    """We could not prepare it, through no fault of the file."""

    asset_id: uuid.UUID


@event("media.asset_discarded")
class AssetDiscarded(Event):
    """Nobody wants it any more; its files are to go."""

    asset_id: uuid.UUID

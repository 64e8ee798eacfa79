"""What can be done with files: sent, prepared, used, thrown away."""

from media.actions.avatar import drop_avatar, use_as_avatar
from media.actions.preparation import (
    Prepared,
    finish_preparation,
    give_up_preparation,
    note_progress,
    note_source,
    prepare_again,
    reject_file,
    start_preparation,
)
from media.actions.uploads import (
    complete_upload,
    discard_asset,
    expire_stale_assets,
    receive_upload,
    request_upload,
    requeue_stuck_assets,
    take_file,
)
from media.actions.use import attach_assets, open_private_file, release_assets

__all__ = [
    "Prepared",
    "attach_assets",
    "complete_upload",
    "discard_asset",
    "drop_avatar",
    "expire_stale_assets",
    "finish_preparation",
    "give_up_preparation",
    "note_progress",
    "note_source",
    "open_private_file",
    "prepare_again",
    "receive_upload",
    "reject_file",
    "release_assets",
    "request_upload",
    "requeue_stuck_assets",
    "start_preparation",
    "take_file",
    "use_as_avatar",
]

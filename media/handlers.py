"""What media does when something happened."""

from datetime import timedelta

from core.events import starts_job
from media import jobs
from media.events import AssetDiscarded, UploadReceived
from media.selectors import kind_of_asset
from media.states import AssetKind


@starts_job(UploadReceived, lease=timedelta(minutes=4))
def prepare_picture(news: UploadReceived) -> None:
    """And documents, which need less."""
    if kind_of_asset(news.asset_id) in (AssetKind.IMAGE, AssetKind.FILE):
        jobs.prepare(news.asset_id)


@starts_job(UploadReceived, lease=timedelta(minutes=14))  # below Celery's time limit
def prepare_video(news: UploadReceived) -> None:
    if kind_of_asset(news.asset_id) == AssetKind.VIDEO:
        jobs.prepare(news.asset_id)


@starts_job(AssetDiscarded)
def delete_discarded_files(news: AssetDiscarded) -> None:
    jobs.delete_files(news.asset_id)

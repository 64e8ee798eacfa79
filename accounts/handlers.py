"""Reactions to news of accounts' own, and to boundaries that moved."""

from datetime import timedelta

from accounts.actions import make_export
from accounts.actions.areas import look_up_neighborhoods
from accounts.actions.exports import erase_export_files
from accounts.events import ExportRequested, PersonErased
from core.events import starts_job
from places.events import NeighborhoodsLoaded


@starts_job(ExportRequested, lease=timedelta(minutes=15))
def gather_data_export(news: ExportRequested) -> None:
    make_export(export_id=news.export_id)


@starts_job(PersonErased)
def delete_export_files(news: PersonErased) -> None:
    erase_export_files(user_id=news.user_id)


@starts_job(NeighborhoodsLoaded, lease=timedelta(minutes=30))
def look_up_neighborhoods_of_people(news: NeighborhoodsLoaded) -> None:
    look_up_neighborhoods(city=news.city, retired_ids=news.retired_ids)

"""What listings do when something else happens."""

from datetime import timedelta

from accounts.events import SellingStopped
from catalog import actions
from core.events import handles, starts_job
from places.events import NeighborhoodsLoaded


@starts_job(NeighborhoodsLoaded, lease=timedelta(minutes=30))
def look_up_neighborhoods_of_listings(news: NeighborhoodsLoaded) -> None:
    actions.look_up_neighborhoods(city=news.city, retired_ids=news.retired_ids)


@handles(SellingStopped)
def pause_listings_of_who_sells_no_more(news: SellingStopped) -> None:
    actions.pause_products_of(seller_id=news.user_id)

"""What payments does when something happened."""

from datetime import timedelta

from core.events import handles, starts_job
from payments import actions
from payments.events import CommandOrdered, ProviderEventReceived, RefundFailed


@starts_job(CommandOrdered, lease=timedelta(minutes=3))  # longer than the library's own tries take together
def carry_out_command(news: CommandOrdered) -> None:
    actions.run_command(command_id=news.command_id)


@starts_job(ProviderEventReceived, lease=timedelta(minutes=3))
def look_at_what_it_rang_for(news: ProviderEventReceived) -> None:
    actions.process_event(event_id=news.event_id)


@handles(RefundFailed)
def cover_a_loss_with_what_came_back(news: RefundFailed) -> None:
    actions.cover_loss(refund_id=news.refund_id)

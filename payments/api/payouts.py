"""Sellers and their money: `/api/v1/payouts/…`."""

import csv
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.etags import IF_MATCH
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.tagged import TaggedView
from core.rest.views import SoukView
from payments import actions, selectors
from payments.api.payout_serializers import (
    BalanceOut,
    CommissionIn,
    CommissionOut,
    CurrencyIn,
    PayoutDetailOut,
    PayoutOut,
    PayoutSettingsIn,
    PayoutSettingsOut,
    PayoutsIn,
    RequestPayoutIn,
    StatementIn,
    balance_answer,
    commission_answer,
    payout_answer,
    payout_detail_answer,
    settings_answer,
)
from payments.errors import MinimumPayoutTooHigh


class Payouts(SoukView):
    @extend_schema(operation_id="payouts_list", parameters=[PayoutsIn], responses=PayoutOut(many=True))
    def get(self, request: Request) -> Response:
        """One's payouts, newest first."""
        wanted = read_query(PayoutsIn, request)
        pages = CursorPages()
        found = selectors.payouts_of(
            request.user, state=wanted.get("status"), start=wanted.get("start_date"), end=wanted.get("end_date")
        )
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([payout_answer(one) for one in page])


class PayoutDetail(SoukView):
    @extend_schema(operation_id="payouts_retrieve", responses=PayoutDetailOut)
    def get(self, request: Request, payout_id: uuid.UUID) -> Response:
        """One payout, with the sales that it pays. A transaction's id is its order's id."""
        payout = selectors.payout_of(request.user, payout_id)
        return Response(payout_detail_answer(payout, selectors.paid_by(payout)))


class Balance(SoukView):
    @extend_schema(operation_id="payouts_balance", parameters=[CurrencyIn], responses=BalanceOut)
    def get(self, request: Request) -> Response:
        """What one has with us, what of it is free, and what an instant payout of that would cost."""
        wanted = read_query(CurrencyIn, request)
        return Response(balance_answer(selectors.balance_of(request.user, wanted["currency"].upper())))


class RequestPayout(SoukView):
    """Money will move by it, so the request carries an Idempotency-Key."""

    keyed = frozenset({"post"})

    @extend_schema(operation_id="payouts_request", request=RequestPayoutIn, responses={201: PayoutDetailOut})
    def post(self, request: Request) -> Response:
        """Be paid all that is available now: `instant` for its fee, or `standard` for none."""
        body = RequestPayoutIn(data=request.data)
        body.is_valid(raise_exception=True)
        ordered = actions.request_payout(
            seller=request.user,
            method=body.validated_data["method"],
            currency=body.validated_data["currency"].upper(),
        )
        payout = selectors.payout_of(request.user, ordered.pk)
        response = Response(payout_detail_answer(payout, selectors.paid_by(payout)), status=201)
        response["Location"] = reverse("payout", args=[payout.pk])
        return response


class PayoutSettings(TaggedView):
    tagged_by = ("payout_schedule", "minimum_payout_amount", "tax_number", "legal_name", "takes_cash")

    @extend_schema(operation_id="payouts_settings", responses=PayoutSettingsOut)
    def get(self, request: Request) -> Response:
        """When one is paid, from how much on, and what stands on one's invoices."""
        return Response(settings_answer(selectors.seller_account(request.user)))

    @extend_schema(
        operation_id="payouts_settings_change",
        parameters=[IF_MATCH],
        request=PayoutSettingsIn,
        responses=PayoutSettingsOut,
    )
    def patch(self, request: Request) -> Response:
        """Change some of it. A minimum below the platform's counts as that; one above its highest is refused."""
        body = PayoutSettingsIn(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        try:
            account = actions.change_payout_settings(seller=request.user, **body.said())
        except MinimumPayoutTooHigh as refusal:
            refusal.at = "minimum_payout_amount"  # as the field is called here
            raise
        return Response(settings_answer(account))


class Statement(SoukView):
    @extend_schema(
        operation_id="payouts_statement",
        parameters=[StatementIn],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="One line for each movement.")},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every movement of one's balance as CSV, the oldest first; the balance stands after each."""
        wanted = read_query(StatementIn, request)
        moved = selectors.movements_of(
            request.user,
            wanted["currency"].upper(),
            start=wanted.get("start_date"),
            end=wanted.get("end_date"),
        )
        rows = (
            (
                _moment(one.at),
                one.kind.value,
                one.reference,
                one.amount,
                one.balance,
                one.amount.currency,
            )
            for one in moved
        )
        return csv_answer("statement", ("date", "kind", "reference", "amount", "balance", "currency"), rows)


class Commission(SoukView):
    @extend_schema(operation_id="payouts_commission", parameters=[CommissionIn], responses=CommissionOut)
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """What one's sales cost in a month, with the tax that is contained. `file=csv`: the lines alone, as CSV."""
        wanted = read_query(CommissionIn, request)
        statement = selectors.commission_statement(
            request.user, month=wanted["month"], currency=wanted["currency"].upper()
        )
        if wanted.get("file") != "csv":
            return Response(commission_answer(statement))
        percent = statement.vat_percent
        rows = (
            (
                _moment(one.at),
                one.kind.value,
                one.reference,
                one.amount,
                one.amount.contained(percent),
                statement.currency,
            )
            for one in statement.lines
        )
        return csv_answer(
            f"commission-{statement.month:%Y-%m}", ("date", "kind", "reference", "commission", "vat", "currency"), rows
        )


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class _Echo:
    """A file that hands back what is written to it, a line at a time."""

    def write(self, value: str) -> str:
        return value


def csv_answer(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Stream rows as they come: the longest statement needs no more memory than the shortest."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield writer.writerow(head)
        for row in rows:
            yield writer.writerow(row)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response

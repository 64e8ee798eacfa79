"""Where the money of one thing is: its postings as people think of them, from whom to whom.

The ledger says which accounts moved. Of each posting, debits of what we owe somebody are money that leaves them and credits money that
reaches them; a debit of what lies at the provider came from outside, a credit went out. Fees of the provider are ours and are left out
of the picture: they stand among the postings.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from core.money import Money
from payments.models import LedgerTransaction, PaymentHold
from payments.states import AccountKind, Postings

BUYER, BANK = "buyer", "bank"
# From left to right.
COLUMNS = {
    BUYER: 0,
    AccountKind.HOLD: 1,
    AccountKind.CHARGEBACK: 1,
    AccountKind.REFUND: 1,
    AccountKind.SELLER: 2,
    AccountKind.REVENUE: 2,
    AccountKind.EXPENSE: 2,
    AccountKind.CASH: 2,
    AccountKind.EQUITY: 2,
    AccountKind.PAYOUT: 3,
    BANK: 4,
}
_TO_BANK = (Postings.TRANSFER, Postings.PAYOUT_FAILED, Postings.CLAW_BACK)
WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 150, 58, 215, 96, 12  # of the drawing, in its own units


@dataclass
class Node:
    """Somebody who has, had or is owed some of the money. `has`: what arrived less what left."""

    key: str
    kind: str
    currency: str
    has: int = 0
    x: int = 0
    y: int = 0

    @property
    def money(self) -> Money:
        return Money(self.has, self.currency)

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def first_line(self) -> int:
        return self.y + 24

    @property
    def second_line(self) -> int:
        return self.y + 44


@dataclass(frozen=True)
class Flow:
    """Money that went from one to another, summed over postings."""

    source: Node
    sink: Node
    amount: Money

    @property
    def x1(self) -> int:
        return self.source.x + (
            WIDTH if self.sink.x > self.source.x else 0 if self.sink.x < self.source.x else WIDTH // 2
        )

    @property
    def x2(self) -> int:
        return self.sink.x + (
            0 if self.sink.x > self.source.x else WIDTH if self.sink.x < self.source.x else WIDTH // 2
        )

    @property
    def y1(self) -> int:
        return self.source.y + HEIGHT // 2 + (0 if self.sink.x >= self.source.x else 12)

    @property
    def y2(self) -> int:
        return self.sink.y + HEIGHT // 2 + (0 if self.sink.x >= self.source.x else 12)

    @property
    def middle_x(self) -> int:
        return (self.x1 + self.x2) // 2

    @property
    def middle_y(self) -> int:
        return (self.y1 + self.y2) // 2 - 6


@dataclass
class Picture:
    """All of it, with places in a drawing of `width` × `height`."""

    reference: str
    currency: str = "AED"
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    postings: list[LedgerTransaction] = field(default_factory=list)
    width: int = 0
    height: int = 0


def money_picture(reference: str) -> Picture:
    """The picture of one reference ("order:…"), with the payout that took its share along; empty where nothing was posted."""
    payouts = PaymentHold.objects.filter(reference=reference).exclude(payout=None).values_list("payout_id", flat=True)
    concerned = Q(subject=reference) | Q(entries__account__owner=reference)
    for payout_id in payouts:
        concerned |= Q(entries__account__owner=str(payout_id))
    postings = list(
        LedgerTransaction.objects.filter(concerned).distinct().order_by("id").prefetch_related("entries__account")[:200]
    )
    picture = Picture(reference=reference, postings=postings)
    if postings:
        picture.currency = postings[0].entries.all()[0].account.currency
        _draw(picture)
    return picture


def _draw(picture: Picture) -> None:
    nodes: dict[str, Node] = {}
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for posting in picture.postings:
        for source, sink, minor in _flows(posting, nodes):
            sums[source, sink] += minor
            nodes[source].has -= minor
            nodes[sink].has += minor
    rows: dict[int, int] = defaultdict(int)
    for node in nodes.values():
        column = COLUMNS[node.kind]
        node.x, node.y = EDGE + column * ACROSS, EDGE + rows[column] * DOWN
        rows[column] += 1
    picture.nodes = list(nodes.values())
    picture.flows = [
        Flow(nodes[source], nodes[sink], Money(minor, picture.currency)) for (source, sink), minor in sums.items()
    ]
    picture.width = EDGE * 2 + max(node.x for node in nodes.values()) + WIDTH
    picture.height = EDGE * 2 + max(node.y for node in nodes.values()) + HEIGHT


def _flows(posting: LedgerTransaction, nodes: dict[str, Node]) -> list[tuple[str, str, int]]:
    """(from, to, minor units) of one posting: each who gives pays those who get, in the order of the lines."""
    outside = BANK if posting.kind in _TO_BANK else BUYER
    gives: list[list[object]] = []
    gets: list[list[object]] = []
    for entry in sorted(posting.entries.all(), key=lambda one: one.pk):
        kind = entry.account.kind
        is_ours = kind == AccountKind.EXPENSE and "provider" in entry.account.code
        if kind == AccountKind.CLEARING or is_ours:
            key, node_kind = outside, outside
        else:
            key, node_kind = entry.account.code, kind
        nodes.setdefault(key, Node(key=key, kind=node_kind, currency=entry.account.currency))
        (gives if entry.amount > 0 else gets).append([key, abs(entry.amount)])
    return _paired(gives, gets)


def _paired(gives: Sequence[list], gets: Sequence[list]) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    sinks = iter(gets)
    sink = next(sinks, None)
    for source, minor in gives:
        left = minor
        while left and sink is not None:
            part = min(left, sink[1])
            if source != sink[0]:
                found.append((source, sink[0], part))
            left -= part
            sink[1] -= part
            if not sink[1]:
                sink = next(sinks, None)
    return found

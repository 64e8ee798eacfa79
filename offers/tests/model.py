"""Haggling over one listing, as short as it can be said: what the machine in `test_negotiations.py` holds the real thing against.

Amounts in fils, times in seconds. Each verb answers with the refusal's code, or "" where it is done.
"""

from dataclasses import dataclass, field

DAY = 24 * 3600
MAX_TURNS = 10


@dataclass
class Turn:
    made_by: str
    amount: int
    with_thing: bool = False
    number: int = 1
    state: str = "pending"
    ending: str = ""
    left: int = DAY  # of the clock, or of the time to pay


def fee(amount: int) -> int:
    """5 % of a sale among neighbours, rounded half up, and 2 dirhams at least."""
    return max(2_00, (amount * 5 + 50) // 100)


@dataclass
class Market:
    """One listing, the buyers' last turns by buyer, and the thing that the first buyer may trade."""

    price: int = 250_00
    state: str = "active"
    thing: str = "active"
    bought: bool = False  # somebody outside holds the listing
    floor: int | None = None
    accept_from: int | None = None
    last: dict[int, Turn] = field(default_factory=dict)

    def pending(self) -> list[Turn]:
        return [turn for turn in self.last.values() if turn.state == "pending"]

    # --- what people do ---------------------------------------------------------------------------------------------

    def make(self, buyer: int, amount: int, *, with_thing: bool) -> str:
        if self.state == "paused":
            return "catalog.product_not_found"
        if self.state != "active":
            return "catalog.not_for_sale"
        if wrong := self._amount(amount):
            return wrong
        if with_thing and self.thing != "active":
            return "offers.not_your_thing"
        live = self.last.get(buyer)
        if live and (live.state == "accepted" or (live.state == "pending" and live.left > 0)):
            return "offers.already_haggling"
        self.last[buyer] = Turn("buyer", amount, with_thing)
        self._terms(self.last[buyer])
        return ""

    def counter(self, buyer: int, by: str, amount: int) -> str:
        turn = self.last[buyer]
        if refusal := self._open(turn, by) or self._amount(amount):
            return refusal
        if turn.number >= MAX_TURNS:
            return "offers.too_many_turns"
        if by == "seller" and amount <= turn.amount:
            return "offers.counter_not_higher"
        if by == "buyer" and amount >= turn.amount:
            return "offers.counter_not_lower"
        if turn.with_thing and self.thing != "active":
            return "offers.not_your_thing"
        self.last[buyer] = Turn(by, amount, turn.with_thing, turn.number + 1)
        if by == "buyer":
            self._terms(self.last[buyer])
        return ""

    def accept(self, buyer: int, by: str) -> str:
        turn = self.last[buyer]
        if turn.state == "accepted" and by != turn.made_by:
            return ""
        if refusal := self._open(turn, by):
            return refusal
        if turn.amount > self.price:
            return "offers.price_fell"
        if turn.with_thing and self.thing != "active":
            return "offers.traded_thing_gone"
        self._seal(turn)
        return ""

    def decline(self, buyer: int, by: str) -> str:
        turn = self.last[buyer]
        if turn.state != "pending":
            return "offers.no_longer_waiting"
        if by == turn.made_by:
            return "offers.not_your_turn"
        return self._end(turn, "declined")

    def withdraw(self, buyer: int, by: str) -> str:
        turn = self.last[buyer]
        if turn.state != "pending":
            return "offers.no_longer_waiting"
        if by != turn.made_by:
            return "offers.only_its_maker_withdraws"
        return self._end(turn, "withdrawn")

    # --- what happens around them -----------------------------------------------------------------------------------

    def pass_time(self, seconds: int) -> None:
        for turn in self.last.values():
            if turn.state == "accepted" or (turn.state == "pending" and self.state != "reserved"):
                turn.left -= seconds

    def sweep(self) -> None:
        if self.state != "reserved":
            for turn in self.pending():
                if turn.left <= 0:
                    turn.state, turn.ending = "expired", "time"
        for turn in self.last.values():
            if turn.state == "accepted" and turn.left <= 0:
                turn.state, turn.ending, self.state = "expired", "not_paid", "active"
                self.thing = "active" if turn.with_thing else self.thing

    def overtake(self, because: str, *, only_with_thing: bool = False) -> None:
        for turn in self.pending():
            if turn.with_thing or not only_with_thing:
                turn.state, turn.ending = "superseded", because

    # --- rules ------------------------------------------------------------------------------------------------------

    def _open(self, turn: Turn, by: str) -> str:
        if turn.state != "pending":
            return "offers.no_longer_waiting"
        if by == turn.made_by:
            return "offers.not_your_turn"
        if self.state == "reserved":
            return "offers.reserved_for_another"
        if turn.left <= 0:
            return "offers.too_late"
        return "" if self.state == "active" else "catalog.not_for_sale"

    def _amount(self, amount: int) -> str:
        if amount <= 0:
            return "offers.amount_not_positive"
        if amount > self.price:
            return "offers.amount_above_asked"
        return "offers.amount_not_above_fee" if amount <= fee(amount) else ""

    def _end(self, turn: Turn, state: str) -> str:
        if turn.left <= 0 and self.state != "reserved":
            return "offers.too_late"
        turn.state = state
        return ""

    def _terms(self, turn: Turn) -> None:
        if turn.with_thing:
            return
        if self.floor and turn.amount * 100 < self.price * self.floor:
            turn.state, turn.ending = "declined", "floor"
        elif self.accept_from and turn.amount * 100 >= self.price * self.accept_from:
            self._seal(turn)

    def _seal(self, turn: Turn) -> None:
        turn.state, turn.left, self.state = "accepted", DAY, "reserved"
        if turn.with_thing:
            self.thing = "reserved"

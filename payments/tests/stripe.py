"""Asking the simulator what it has."""

from stripe_simulator.testing import Simulator


def made(stripe_sim: Simulator, kind: str) -> int:
    """How many things of a kind there are: "payment_intent", "refund"…"""
    return stripe_sim.control.state()["objects"].get(kind, {}).get("count", 0)

import pytest
import stripe

from stripe_simulator.testing import ControlRefusedError, Simulator
from stripe_simulator.tests.conftest import Shop


def create(sim: Simulator, key: str = "cus:1", **options: float) -> stripe.Customer:
    client = sim.client(http_client=stripe.RequestsClient(timeout=options.get("timeout", 30)), max_network_retries=0)
    return client.v1.customers.create({"email": "maha@souk.example"}, {"idempotency_key": key})


@pytest.mark.parametrize(
    ("kind", "how", "happened"),
    [
        ("timeout_after", {"seconds": 5}, True),
        ("timeout_before", {"seconds": 5}, False),
        ("drop_connection_after", {}, True),
    ],
)
def test_no_answer_may_mean_done_or_not(sim: Simulator, shop: Shop, kind: str, how: dict[str, float], happened: bool):
    sim.control.fault(kind, method="POST", path_prefix="/v1/customers", times=1, **how)
    with pytest.raises(stripe.APIConnectionError):
        create(sim, timeout=1)
    assert len(shop.api.customers.list().data) == int(happened)
    create(sim)
    assert len(shop.api.customers.list().data) == 1


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("error_500_unsaved", stripe.APIError, 500),
        ("error_500_saved", stripe.APIError, 500),
        ("conflict_409", stripe.APIError, 409),
        ("rate_limit_429", stripe.RateLimitError, 429),
    ],
)
def test_refusals_have_stripes_shape(sim: Simulator, kind: str, error: type[stripe.StripeError], status: int):
    sim.control.fault(kind, times=1)
    with pytest.raises(error) as refused:
        create(sim)
    assert refused.value.http_status == status
    assert refused.value.request_id
    assert sim.control.requests()[-1]["fault"] == kind


def test_the_library_hides_a_dropped_answer_and_does_it_once(sim: Simulator, shop: Shop):
    sim.control.fault("drop_connection_after", method="POST", times=1)
    client = sim.client(max_network_retries=2)
    client.v1.customers.create({}, {"idempotency_key": "cus:1"})
    assert len(shop.api.customers.list().data) == 1
    assert [kept["replayed"] for kept in sim.control.requests("/v1/customers") if kept["method"] == "POST"] == [
        False,
        True,
    ]


def test_faults_strike_where_they_are_meant(sim: Simulator, shop: Shop):
    sim.control.fault("error_500_unsaved", method="POST", path_prefix="/v1/transfers")
    create(sim)
    sim.control.clear_faults()
    sim.control.fault("error_500_unsaved", times=1, skip=2)
    shop.api.customers.list()
    shop.api.customers.list()
    with pytest.raises(stripe.APIError):
        shop.api.customers.list()
    shop.api.customers.list()
    assert sim.control.faults()[0]["hits"] == 1


def test_chance_can_be_repeated(sim: Simulator, shop: Shop):
    def play() -> list[int]:
        sim.control.reset()
        sim.control.fault("error_500_unsaved", probability=0.5, seed=7)
        for _ in range(20):
            try:
                shop.api.customers.list()
            except stripe.APIError:
                continue
        return [kept["status"] for kept in sim.control.requests()]

    first = play()
    assert set(first) == {200, 500}
    assert play() == first


def test_slow_is_only_slow(sim: Simulator, shop: Shop):
    sim.control.fault("slow", seconds=0.2, times=1)
    create(sim)
    assert len(shop.api.customers.list().data) == 1


def test_refuses_faults_that_it_does_not_know(sim: Simulator):
    with pytest.raises(ControlRefusedError, match="kind is one of"):
        sim.control.fault("earthquake")
    assert sim.control.faults() == []

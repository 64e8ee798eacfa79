import pytest

from search.tests import engines


@pytest.fixture(scope="module", params=engines.ENGINES)
def each_engine(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), engines.using(request.param):
        yield request.param


@pytest.fixture(autouse=True)
def _own_documents():
    """A test's documents go when it ends, as its rows do: the next one's searches would have to read past them."""
    before = len(engines.copied)
    yield
    engines.forget_after(before)

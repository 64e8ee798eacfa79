import pytest

from search.tests import engines


@pytest.fixture(scope="module", params=engines.ENGINES)
def each_engine(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), engines.using(request.param):
        yield request.param

import pytest
from django.db import connection

from accounts.errors import NotAnIdentifier, NotAPhone
from accounts.identifiers import read_identifier, read_phone
from accounts.signin import find_person
from accounts.tests.factories import UserFactory
from core.testing import counted_queries


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+971 50 123 4567", "+971501234567"),
        ("050-123-4567", "+971501234567"),
        ("٠٥٠١٢٣٤٥٦٧", "+971501234567"),
        ("00971501234567", "+971501234567"),
        (" Layla@EXAMPLE.com ", "layla@example.com"),
        ("+20 100 123 4567", "+201001234567"),
    ],
)
def test_reads_what_people_type(typed, kept):
    assert read_identifier(typed).value == kept


@pytest.mark.parametrize(
    "typed", ["layla", "layla0501234567", "a@b", "@", "", "12", "+", "050123456x", "x" * 500, "a\0b@c.de"]
)
def test_reads_nothing_into_what_is_neither(typed):
    with pytest.raises(NotAnIdentifier):
        read_identifier(typed)


def test_a_username_with_digits_is_no_phone_number():
    with pytest.raises(NotAPhone):
        read_phone("layla0501234567")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("known", "unknown"),
    [("layla", "nobody"), ("layla@example.com", "nobody@example.com"), ("0501234567", "0501234568")],
)
def test_looking_for_somebody_costs_the_same_whether_or_not_they_are_there(known, unknown):
    UserFactory(username="layla", email="layla@example.com", phone="+971501234567")
    costs = []
    for text in (known, unknown):
        with counted_queries() as queries:
            find_person(text)
        costs.append(len(queries))
    assert costs == [1, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/users/by-username/%00", "/api/v1/users/by-username/a%00b", "/u/a%00b/block"])
def test_names_that_cannot_be_are_not_there(client, path):
    client.force_login(UserFactory())
    assert client.get(path).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["Layla.H", "LAYLA@example.com", "+971501234567"])
def test_people_are_found_by_an_index_however_many_there_are(who):
    person = UserFactory(username="layla.h", email="layla@example.com", phone="+971501234567")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with counted_queries() as queries:
        assert find_person(who) == person
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            cursor.execute("EXPLAIN " + query["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan
            assert "Index Cond" in plan

import pytest
from django.db import DatabaseError, connection, transaction

from core import audit
from core.models import AuditEntry


def entries(count):
    for n in range(count):
        audit.record(action="test.done", target_kind="thing", target_id=str(n), reason="because", after={"n": n})


@pytest.mark.django_db
def test_sealed_entries_make_a_chain_that_holds():
    entries(3)
    assert audit.verify().unsealed == 3
    assert audit.seal() == 3
    entries(2)
    audit.seal()
    verdict = audit.verify()
    assert (verdict.holds, verdict.sealed, verdict.unsealed) == (True, 5, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE core_auditentry SET reason = 'x'", "DELETE FROM core_auditentry"])
def test_an_entry_can_be_neither_changed_nor_deleted(statement):
    entries(1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().reason == "because"


@pytest.mark.django_db
def test_the_verifier_finds_an_entry_that_was_changed_behind_the_trigger():
    entries(3)
    audit.seal()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE core_auditentry SET reason = 'forged' WHERE target_id = '1'")
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")
    assert audit.verify().broken_at == 2

from django.db import migrations

# Decision 0023. The accounts of the platform that every sale touches follow their lines at the commit: nothing is asked of the database
# any more while they are locked. All others follow at once, in the order of their ids.
AT_COMMIT = """
    CREATE FUNCTION payments_is_shared(kind text, owner text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
        SELECT kind IN ('revenue', 'expense', 'equity') OR (kind = 'clearing' AND owner = '')
    $$;

    CREATE OR REPLACE FUNCTION payments_follow_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE own bigint[];
    BEGIN
        SELECT array_agg(a.id ORDER BY a.id) INTO own FROM payments_ledgeraccount a
        WHERE a.id IN (SELECT account_id FROM new_lines) AND NOT payments_is_shared(a.kind, a.owner);
        IF own IS NULL THEN RETURN NULL; END IF;
        PERFORM FROM payments_ledgerbalance WHERE account_id = ANY(own) ORDER BY account_id FOR NO KEY UPDATE;
        UPDATE payments_ledgerbalance b SET amount = b.amount + n.amount
        FROM (SELECT account_id, sum(amount) AS amount FROM new_lines WHERE account_id = ANY(own) GROUP BY account_id) n
        WHERE b.account_id = n.account_id;
        RETURN NULL;
    END $$;

    -- Several transactions touch the same of these in different orders, each at its commit. One lock before the first of them keeps them
    -- from waiting for each other in a ring. Whoever has it waits for nobody who could want it.
    CREATE FUNCTION payments_follow_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT (SELECT payments_is_shared(a.kind, a.owner) FROM payments_ledgeraccount a WHERE a.id = NEW.account_id) THEN
            RETURN NULL;
        END IF;
        PERFORM pg_advisory_xact_lock(x'50110303'::bigint);
        UPDATE payments_ledgerbalance SET amount = amount + NEW.amount WHERE account_id = NEW.account_id;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER follow_at_commit AFTER INSERT ON payments_ledgerentry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_follow_at_commit();

    -- A process of the last release still locks what it posts to: the shared ones it leaves alone from now on, too.
    CREATE OR REPLACE FUNCTION payments_lock_balances(accounts bigint[]) RETURNS SETOF payments_ledgerbalance
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT b.* FROM payments_ledgerbalance b JOIN payments_ledgeraccount a ON a.id = b.account_id
        WHERE b.account_id = ANY(accounts) AND NOT payments_is_shared(a.kind, a.owner) ORDER BY b.account_id FOR NO KEY UPDATE OF b
    $$;
"""
AT_ONCE = """
    DROP TRIGGER follow_at_commit ON payments_ledgerentry;
    DROP FUNCTION payments_follow_at_commit();
    CREATE OR REPLACE FUNCTION payments_follow_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE payments_ledgerbalance b SET amount = b.amount + n.amount
        FROM (SELECT account_id, sum(amount) AS amount FROM new_lines GROUP BY account_id) n
        WHERE b.account_id = n.account_id;
        RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION payments_lock_balances(accounts bigint[]) RETURNS SETOF payments_ledgerbalance
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT * FROM payments_ledgerbalance WHERE account_id = ANY(accounts) ORDER BY account_id FOR NO KEY UPDATE
    $$;
    DROP FUNCTION payments_is_shared(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_audit_breaks")]

    operations = [migrations.RunSQL(AT_COMMIT, AT_ONCE)]

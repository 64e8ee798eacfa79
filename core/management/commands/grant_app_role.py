"""`manage.py grant_app_role ROLE`: what the serving role may do, after each migration."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from psycopg import sql

from core import grants


class Command(BaseCommand):
    help = "Grant the application's database role all it needs and nothing that would let it rewrite the audit log or the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role")

    def handle(self, *_args: Any, role: str, **_options: Any) -> None:
        name = sql.Identifier(role)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if not cursor.fetchone():
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
            for statement in (
                "GRANT USAGE ON SCHEMA public TO {}",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
                "REVOKE INSERT, UPDATE, DELETE ON spatial_ref_sys FROM {}",
            ):
                cursor.execute(sql.SQL(statement).format(name))
            for taken, tables in (
                ("UPDATE, DELETE, TRUNCATE", grants.append_only()),
                ("INSERT, UPDATE, DELETE, TRUNCATE", grants.read_only()),
            ):
                for table in tables:
                    cursor.execute(sql.SQL(f"REVOKE {taken} ON {{}} FROM {{}}").format(sql.Identifier(table), name))
            for function in grants.functions():
                cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(function), name))
        kept = ", ".join(sorted([*grants.append_only(), *grants.read_only()]))
        self.stdout.write(f"{role} may serve; it cannot change or delete {kept}.")

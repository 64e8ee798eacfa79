"""Searches read no list of what waits to be put into the index of words."""

import django.contrib.postgres.indexes
from django.db import migrations
from django.db.models import Q

INDEXES = {"search_words": "available", "search_sold_words": "sold"}


class Migration(migrations.Migration):
    dependencies = [("search", "0009_documents_know_what_ranking_reads")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER INDEX {name} SET (fastupdate = off); SELECT gin_clean_pending_list('{name}')",
                    f"ALTER INDEX {name} RESET (fastupdate)",
                )
                for name in INDEXES
            ],
            state_operations=[
                operation
                for name, availability in INDEXES.items()
                for operation in (
                    migrations.RemoveIndex("searchdocument", name),
                    migrations.AddIndex(
                        "searchdocument",
                        django.contrib.postgres.indexes.GinIndex(
                            fields=["words"], condition=Q(availability=availability), name=name, fastupdate=False
                        ),
                    ),
                )
            ],
        )
    ]

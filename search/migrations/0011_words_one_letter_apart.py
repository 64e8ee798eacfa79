"""Words one step from a misspelt one are found by what both have when a letter is left out."""

import django.contrib.postgres.indexes
from django.db import migrations, models

# Dear in the planner's eyes, so that it asks the index and does not reckon it anew for every word.
LEFT_OUT = """
    CREATE FUNCTION search_left_out(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
        SELECT array_agg(DISTINCT overlay(word PLACING '' FROM place FOR 1)) || word FROM generate_series(1, length(word)) place
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0010_words_are_written_at_once")]
    operations = [
        migrations.RunSQL(LEFT_OUT, "DROP FUNCTION search_left_out(text)"),
        migrations.AddIndex(
            "word",
            django.contrib.postgres.indexes.GinIndex(
                models.Func(models.F("word"), function="search_left_out"), name="search_word_near"
            ),
        ),
    ]

"""Documents get the marks of `search.marks`, as indexing writes them from now on."""

from django.db import migrations

MARK = """
    UPDATE search_searchdocument d SET words = d.words || array_to_tsvector(array_remove(ARRAY[
        '@w' || w.week, '@c' || d.wide_cell, '@w' || w.week || 'c' || d.wide_cell
    ], NULL))
    FROM (SELECT product_id, floor(extract(epoch FROM published_at) / 604800)::bigint AS week FROM search_searchdocument) w
    WHERE w.product_id = d.product_id AND d.availability <> 'none'
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0005_lighter_finds")]
    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]  # older code reads over marks

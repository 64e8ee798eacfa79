"""Documents get what ranking reads of listings and sellers, and the marks of days and of cells between (`search.marks`)."""

from django.db import migrations, models

# The cell of resolution 6 above one of 7: other bits for the resolution, and the seventh digit all ones.
MIDDLE = "((d.feed_cell & ~(15::bigint << 52)) | (6::bigint << 52) | (7::bigint << 24))"
MARK = f"""
    UPDATE search_searchdocument d SET words = d.words || array_to_tsvector(array_remove(ARRAY[
        '@d' || w.day, '@w' || w.week, '@c' || {MIDDLE}, '@d' || w.day || 'c' || {MIDDLE}, '@w' || w.week || 'c' || {MIDDLE},
        '@c' || d.wide_cell, '@w' || w.week || 'c' || d.wide_cell
    ], NULL)), points = w.points, trust = w.trust, newcomer_since = w.newcomer_since, seller_sales = w.sales
    FROM (
        SELECT d.product_id, floor(extract(epoch FROM d.published_at) / 604800)::bigint AS week,
            floor(extract(epoch FROM d.published_at) / 86400)::bigint AS day, p.view_count + 5 * p.favourite_count AS points,
            0.2 * (u.email_verified_at IS NOT NULL OR u.phone_verified_at IS NOT NULL)::int
                + 0.3 * (u.identity_verified_at IS NOT NULL OR u.business_verified_at IS NOT NULL)::int + 0.125 * (
                    (coalesce(s.rating, 0)::float8 * (CASE WHEN s.rating IS NULL THEN 0 ELSE s.review_count END) + 17.5)
                    / ((CASE WHEN s.rating IS NULL THEN 0 ELSE s.review_count END) + 5) - 1
                ) AS trust,
            CASE WHEN u.email_verified_at IS NOT NULL OR u.phone_verified_at IS NOT NULL THEN u.sells_since END AS newcomer_since,
            coalesce(s.sales_count, 0) AS sales
        FROM search_searchdocument d JOIN catalog_product p ON p.id = d.product_id JOIN accounts_user u ON u.id = p.seller_id
        LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id
    ) w
    WHERE w.product_id = d.product_id AND d.availability <> 'none'
"""  # noqa: S608 - names of ours


class Migration(migrations.Migration):
    dependencies = [("search", "0008_finds_by_listing")]
    operations = [
        migrations.AddField("searchdocument", "points", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("searchdocument", "trust", models.FloatField(db_default=0.0, default=0.0)),
        migrations.AddField("searchdocument", "newcomer_since", models.DateTimeField(null=True)),
        migrations.AddField("searchdocument", "seller_sales", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("word", "lately", models.PositiveIntegerField(db_default=0, default=0)),
        # Room on each page for the next version of a document (1 KB), which then needs no new entries in any index.
        migrations.RunSQL(
            "ALTER TABLE search_searchdocument SET (fillfactor = 80)",
            "ALTER TABLE search_searchdocument RESET (fillfactor)",
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),  # older code reads over marks
    ]

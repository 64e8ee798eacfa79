"""A city of listings for the benchmarks: real neighbourhood polygons, skewed as a real market is, made by SQL.

What is like life: few sellers have most listings, neighbourhoods and categories are unequal (Zipf), prices are lognormal, older
listings are mostly gone, people block each other, many listings share a building and so a public cell. What is not: texts are random
words, and listings share a pool of covers (their rows have real sizes, their files do not exist).
"""

import random
import sys
import time
from collections.abc import Callable, Sequence

import psycopg

from benchmarks.databases import Server
from core.geo import FEED_RESOLUTION, WIDE_RESOLUTION, LatLng

BUILDINGS = 220  # in each neighbourhood
TICKETS = 200_000  # draws of a building; a bigger neighbourhood holds more of them
VERSION = 4  # of what is made here; a database of another version is made anew

# The twelve shelves of Souk Loop and the luxury six under one root. Only used where no migration or seed filled the table.
CATEGORIES = [
    "electronics",
    "mens_fashion",
    "furniture",
    "home_decor",
    "kids_baby",
    "books",
    "sneakers",
    "beauty",
    "collectibles",
    "trading_cards",
    "sports_cards",
    "other",
]
WRITTEN = [
    "accounts_user",
    "accounts_sellerstanding",
    "accounts_block",
    "catalog_category",
    "media_mediaasset",
    "catalog_product",
    "catalog_favourite",
    "accounts_session",
]
LUXURY = ["handbags", "watches", "jewelry", "designer_clothing", "designer_shoes", "luxury_accessories"]


Writer = Callable[[psycopg.Connection, int], None]


def fill(
    server: Server, database: str, *, rows: int, polygons: str | None, seed: int = 42, texts: Writer | None = None
) -> None:
    """Make the database hold exactly this city. Does nothing where it does already.

    `texts` fills `bench_text` with what so many listings say; without it they say random words.
    """
    recipe = f"v{VERSION} rows={rows} polygons={polygons or 'built-in'} seed={seed}"
    recipe += f" texts={texts.__module__}" if texts else ""
    if _recipe(server, database) == recipe:
        server.manage(database, "migrate")
        with server.connect(database) as connection:
            connection.execute("ANALYZE")
        return
    started = time.monotonic()
    server.drop(database)
    server.make(database)
    server.manage(database, "migrate")
    server.manage(database, "load_neighborhoods", *([polygons] if polygons else ["--builtin"]))
    with server.connect(database) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET work_mem = '256MB'")
        connection.execute("SET session_replication_role = replica")  # no foreign key checks: we know what we write
        connection.execute("SELECT setseed(0.42)")
        _forgive_missing_columns(connection)
        _buildings(connection, random.Random(seed))
        _people(connection, max(1000, rows // 10))
        _shelves(connection)
        connection.execute(
            "CREATE UNLOGGED TABLE bench_text (i int PRIMARY KEY, title text, description text, brand bigint)"
        )
        if texts is not None:
            texts(connection, rows)
            connection.execute("ANALYZE bench_text")
        indexes = _drop_indexes(connection)
        _listings(connection, rows)
        for definition in indexes:
            connection.execute(definition)
        connection.execute(
            "INSERT INTO catalog_publiccell (location) SELECT DISTINCT public_location FROM catalog_product "
            "WHERE public_location IS NOT NULL ON CONFLICT DO NOTHING"  # the trigger slept while we wrote
        )
        _favourites(connection)
        connection.execute("CREATE TABLE bench_recipe AS SELECT %s::text AS recipe", [recipe])
        connection.execute("VACUUM ANALYZE")
    print(f"  {database}: {rows:,} listings made in {time.monotonic() - started:.0f} s", file=sys.stderr)


def _recipe(server: Server, database: str) -> str | None:
    try:
        with server.connect(database) as connection:
            row = connection.execute("SELECT recipe FROM bench_recipe").fetchone()
            return row[0] if row else None
    except psycopg.Error:
        return None


def _forgive_missing_columns(connection: psycopg.Connection) -> None:
    """Give every column that may not be null a default, so that a new one in the models does not break this file."""
    defaults = {
        "bool": "false",
        "jsonb": "'[]'",
        "timestamptz": "now()",
        "_varchar": "'{}'",
        "text": "''",
        "varchar": "''",
    }
    columns = connection.execute(
        "SELECT table_name, column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND table_name = ANY (%s) AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND udt_name <> 'uuid'",
        [WRITTEN],
    ).fetchall()
    for table, column, kind in columns:
        connection.execute(f'ALTER TABLE {table} ALTER "{column}" SET DEFAULT {defaults.get(kind, "0")}')


def _buildings(connection: psycopg.Connection, chance: random.Random) -> None:
    """Scatter buildings over the polygons and give them shares of the market."""
    connection.execute(
        "CREATE UNLOGGED TABLE bench_building (n int PRIMARY KEY, hood uuid, exact geography(Point, 4326), "
        "public geography(Point, 4326), feed_cell bigint, wide_cell bigint)"
    )
    # The order of the hoods says nothing about their size: popularity and area are independent.
    places = connection.execute(
        "SELECT rank, id, ST_X(spot.geom), ST_Y(spot.geom) FROM (SELECT row_number() OVER (ORDER BY md5(slug)) AS rank, id, boundary "
        "FROM places_neighborhood WHERE is_active) hood, ST_DumpPoints(ST_GeneratePoints(boundary, %s, rank::int)) spot ORDER BY rank",
        [BUILDINGS],
    ).fetchall()
    weights: list[float] = []
    with connection.cursor().copy("COPY bench_building FROM STDIN") as copy:
        for rank, hood, longitude, latitude in places:
            copy.write_row(_building(len(weights) + 1, hood, LatLng(latitude, longitude)))
            weights.append(chance.paretovariate(1.5) / rank**0.6)
    connection.execute("CREATE UNLOGGED TABLE bench_ticket (t int PRIMARY KEY, building int)")
    drawn = chance.choices(range(1, len(weights) + 1), weights, k=TICKETS)
    with connection.cursor().copy("COPY bench_ticket FROM STDIN") as copy:
        for ticket, building in enumerate(drawn):
            copy.write_row((ticket, building))
    connection.execute("ANALYZE bench_building, bench_ticket")


def _building(number: int, hood: object, place: LatLng) -> Sequence[object]:
    public = place.snapped()
    return (
        number,
        hood,
        f"SRID=4326;POINT({place.longitude!r} {place.latitude!r})",
        f"SRID=4326;POINT({public.longitude!r} {public.latitude!r})",
        public.cell(FEED_RESOLUTION),
        public.cell(WIDE_RESOLUTION),
    )


def _people(connection: psycopg.Connection, many: int) -> None:
    """People, the standing of sellers, and 1 to 15 blocks each."""
    connection.execute("CREATE UNLOGGED TABLE bench_person (n int PRIMARY KEY, id uuid)")
    joined = "now() - (%(many)s - n) * interval '9 minutes'"
    connection.execute(
        f"INSERT INTO bench_person SELECT n, {_uuid7(joined, 'n')} FROM generate_series(1, %(many)s) n",
        {"many": many},
    )
    connection.execute(
        """
        INSERT INTO accounts_user (password, is_superuser, id, username, full_name, bio, language, avatar_key, email_verified_at,
            identity_verified_at, business_verified_at, sells_since, buys, is_active, is_staff, suspended_at, listings_hidden_at,
            building_name, profile_visibility, messages_from, show_neighborhood, show_last_seen, show_following,
            followers_count, following_count, session_version, revision, created_at, updated_at, neighborhood_id)
        SELECT '!', false, id, 'person' || n, (array['Amira','Omar','Layla','Yousef','Noor','Hassan'])[1 + n % 6] || ' '
            || (array['Haddad','Khan','Nasser','Fernandes','Saleh'])[1 + n % 5],
            '', 'en', CASE WHEN n % 3 = 0 THEN 'avatars/' || n || '.webp' ELSE '' END, now(),
            CASE WHEN n % 5 = 0 THEN now() END, CASE WHEN n % 40 = 0 THEN now() END, now(), true, true, false,
            CASE WHEN n % 100 = 7 THEN now() END, CASE WHEN n % 100 = 7 THEN now() END, '', 'everyone', 'everyone', n % 10 > 0,
            true, true, 0, 0, 1, 1, now(), now(), (SELECT hood FROM bench_building WHERE bench_building.n = 1 + person.n % 2000)
        FROM bench_person person
        """
    )
    connection.execute(
        """
        INSERT INTO accounts_sellerstanding (user_id, rating, review_count, sales_count, tier, badges, updated_at)
        SELECT id, round((3.5 + random() * 1.5)::numeric, 2), (random() * 80)::int, (random() * 120)::int,
            CASE WHEN n % 25 = 0 THEN 'power' ELSE '' END, '[]', now()
        FROM bench_person WHERE n % 5 < 3
        """
    )
    connection.execute(
        f"""
        INSERT INTO accounts_block (id, blocker_id, blocked_id, created_at)
        SELECT {_uuid7("now()", "row_number() over ()")}, blocker, blocked, now() FROM (
            SELECT DISTINCT a.id AS blocker, b.id AS blocked
            FROM (SELECT id, n, ceil(random() * %(many)s)::int AS other
                  FROM bench_person, generate_series(1, 15) g WHERE g <= 1 + n %% 15) a
            JOIN bench_person b ON b.n = a.other AND b.n <> a.n
        ) pairs
        """,
        {"many": many},
    )


def _shelves(connection: psycopg.Connection) -> None:
    """Fill the categories where nothing has, and deal them out by Zipf's law."""
    if connection.execute("SELECT count(*) FROM catalog_category").fetchone() == (0,):
        add = (
            "INSERT INTO catalog_category (slug, name_en, name_ar, icon, color, position, is_active, is_luxury, live_streams_count, "
            "parent_id) VALUES (%s, %s, %s, 'tag', '#336699', %s, true, %s, 0, %s) RETURNING id"
        )
        for position, slug in enumerate(CATEGORIES):
            connection.execute(add, [slug, slug, slug, position, False, None])
        root = connection.execute(add, ["luxury", "luxury", "luxury", 99, True, None]).fetchone()
        for position, slug in enumerate(LUXURY):
            connection.execute(add, [slug, slug, slug, position, True, root[0] if root else None])
    leaves = connection.execute(
        "SELECT id FROM catalog_category c WHERE NOT EXISTS (SELECT 1 FROM catalog_category d WHERE d.parent_id = c.id) ORDER BY id"
    ).fetchall()
    shares = [1 / rank for rank in range(1, len(leaves) + 1)]
    connection.execute("CREATE UNLOGGED TABLE bench_shelf (low float, high float, category bigint)")
    low = 0.0
    for (leaf,), share in zip(leaves, shares, strict=True):
        high = low + share / sum(shares)
        connection.execute("INSERT INTO bench_shelf VALUES (%s, %s, %s)", [low, high, leaf])
        low = high


def _listings(connection: psycopg.Connection, rows: int) -> None:
    """Covers, then the listings in order of time, as a heap grows in life."""
    pool = max(1000, rows // 10)
    connection.execute("CREATE UNLOGGED TABLE bench_cover (n int PRIMARY KEY, id uuid)")
    connection.execute(
        f"INSERT INTO bench_cover SELECT n, {_uuid7('now()', 'n + 7')} FROM generate_series(1, %s) n", [pool]
    )
    connection.execute(
        """
        INSERT INTO media_mediaasset (id, owner_id, kind, purpose, state, upload_key, filename, content_type, byte_size, sha256,
            perceptual_hash, width, height, placeholder, variants, failure_code, progress, upload_expires_at, attached_at, created_at,
            ready_at, updated_at)
        SELECT id, (SELECT id FROM bench_person WHERE bench_person.n = 1 + cover.n % 1000), 'image', 'product', 'ready',
            'uploads/' || n, 'photo.jpg', 'image/jpeg', 2000000, md5(n::text) || md5(n::text), '', 1600, 1200,
            'data:image/webp;base64,' || repeat(md5(n::text), 6),
            (SELECT jsonb_agg(jsonb_build_object('format', f, 'width', w, 'height', w * 3 / 4, 'bytes', w * 90,
                'key', 'products/' || left(md5(n::text), 2) || '/' || md5(n::text) || '-' || w || '.' || f))
             FROM unnest(array['avif', 'webp', 'jpeg']) f, unnest(array[320, 640, 1280]) w),
            '', 100, now(), now(), now(), now(), now()
        FROM bench_cover cover
        """
    )
    connection.execute(
        f"""
        INSERT INTO catalog_product (id, seller_id, state, feed_type, title, description, price_minor, original_price_minor,
            currency, category_id, condition, attributes, tags, location, building_name, public_location, feed_cell, wide_cell,
            neighborhood_id, cover_id, revision, view_count, favourite_count, hidden_at, published_at, expires_at, created_at,
            updated_at, brand_id)
        SELECT {_uuid7("at", "i")}, seller.id,
            CASE WHEN fate < greatest(0.12, 0.85 - 0.85 * age) THEN 'active'
                 WHEN fate < 0.8 THEN 'sold' WHEN fate < 0.95 THEN 'expired' ELSE 'removed' END,
            CASE WHEN kind < 0.7 THEN 'community' ELSE 'discover' END,
            coalesce(text.title, 'Item ' || left(md5(i::text), 8) || ' in good order ' || i),
            coalesce(text.description, repeat(md5(i::text) || ' ', 5)), price,
            CASE WHEN i %% 4 = 0 THEN price * 5 / 4 END, 'AED', shelf.category,
            (array['new', 'like_new', 'excellent', 'very_good', 'good', 'fair'])[1 + floor(power(random(), 1.4) * 6)::int],
            jsonb_build_object('color', (array['black', 'white', 'blue', 'red'])[1 + i %% 4]),
            array['tag' || i %% 500, 'tag' || i %% 37], place.exact, 'Tower ' || place.n, place.public, place.feed_cell,
            place.wide_cell, place.hood, cover.id, 1, (random() * 200)::int, (random() * 10)::int,
            CASE WHEN i %% 200 = 3 THEN at END, at, at + interval '60 days', at, at, text.brand
        FROM (
            SELECT i, now() - age * interval '365 days' AS at, age, random() AS fate, random() AS kind, random() AS shelf,
                greatest(100, (exp(4.8 + 1.1 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) * 100)::bigint) AS price,
                floor(random() * {TICKETS})::int AS ticket, 1 + floor(power(random(), 2) * %(people)s)::int AS person,
                1 + floor(random() * %(pool)s)::int AS cover
            FROM (SELECT i, 1 - i::float8 / %(rows)s AS age FROM generate_series(1, %(rows)s) i) ages
        ) draw
        JOIN bench_ticket ticket ON ticket.t = draw.ticket
        JOIN bench_building place ON place.n = ticket.building
        JOIN bench_person seller ON seller.n = draw.person
        JOIN bench_cover cover ON cover.n = draw.cover
        JOIN bench_shelf shelf ON draw.shelf >= shelf.low AND draw.shelf < shelf.high
        LEFT JOIN bench_text text USING (i)
        ORDER BY i
        """,
        {"rows": rows, "people": max(1000, rows // 10), "pool": pool},
    )


def _favourites(connection: psycopg.Connection) -> None:
    connection.execute(
        f"""
        INSERT INTO catalog_favourite (id, user_id, product_id, created_at)
        SELECT {_uuid7("now()", "row_number() over ()")}, person.id, product.id, now()
        FROM (SELECT id, row_number() over () AS n FROM catalog_product TABLESAMPLE SYSTEM (20)) product
        JOIN bench_person person ON person.n = product.n
        """
    )


def _drop_indexes(connection: psycopg.Connection) -> list[str]:
    """Drop every index of the listings that is no constraint, and say how to make it again: one sort beats a million inserts."""
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid "
        "WHERE i.indrelid = 'catalog_product'::regclass AND c.oid IS NULL"
    ).fetchall()
    for name, _definition in found:
        connection.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _uuid7(at: str, number: str) -> str:
    """SQL for a UUIDv7 of a moment, its random part drawn from a number so that every run makes the same."""
    hashed = f"md5(({number})::text)"
    return (
        f"(lpad(to_hex(floor(extract(epoch FROM {at}) * 1000)::bigint), 12, '0') || '7' || substr({hashed}, 1, 3) || '8' "
        f"|| substr({hashed}, 4, 15))::uuid"
    )

"""Search and the order of feeds."""

from datetime import timedelta

from config.settings.environment import env

SEARCH_ENGINE = env.str("SEARCH_ENGINE", default="postgres")  # postgres | opensearch
OPENSEARCH_URL = env.str("OPENSEARCH_URL", default="")  # https://name:password@host:9200
OPENSEARCH_ALIAS = env.str("OPENSEARCH_ALIAS", default="souk-listings")  # of the index that is searched
SEARCH_POPULAR_PEOPLE = env.int("SEARCH_POPULAR_PEOPLE", default=3)  # who make a search popular; strangers count half

RANKING_SAMPLE = env.float("RANKING_SAMPLE", default=0.02)  # of ranked first pages, noted for what-if: docs/ranking.md
RANKING_LOOK_AHEAD = 60  # listings of a noted order: the page and what stood next in line
RANKING_SAMPLES_KEPT = timedelta(days=env.int("RANKING_SAMPLES_KEPT_DAYS", default=14))

DEFAULT_NEIGHBORHOOD = env.str("DEFAULT_NEIGHBORHOOD", default="dubai-marina")  # where a newcomer looks around

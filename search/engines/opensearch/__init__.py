"""An engine on a server of its own, for whoever outgrows one machine. Unproven: nobody has run it against a real server yet."""

from search.engines.opensearch.engine import OpenSearchEngine

__all__ = ["OpenSearchEngine"]

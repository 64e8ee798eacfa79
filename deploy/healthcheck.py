"""Exit 0 when an address answers 200 and, with a second argument, when that part of /readyz is "ok".

Run by the containers' health checks; needs nothing but Python itself.
"""

import json
import sys
import urllib.request


def healthy(url: str, part: str | None = None) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:  # noqa: S310 - the address is ours, from docker-compose
            return part is None or json.load(answer)["parts"].get(part) == "ok"
    except (OSError, ValueError, KeyError):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(*sys.argv[1:3]) else 1)

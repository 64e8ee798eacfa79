"""How long the provider waits for its answer: `./souk bench bell [--rings 2000]`.

Signed events, every fourth of them a second time, are posted to /api/v1/webhooks/stripe one after the other: through the whole
application with its middleware, in this process, committed to the database that DATABASE_URL's server keeps. No network and no other
load of ours; what else the machine does is in the numbers. Prints milliseconds as the caller waits, and of CPU of this process.
"""

import argparse
import json
import os
import sys
import time
from typing import Any

from benchmarks.databases import Server
from benchmarks.report import machine

DATABASE = "souk_bench_bell"
SECRET = "whsec_of_the_benchmark"  # noqa: S105 - of nobody
TARGET = 100.0  # milliseconds, of the slowest in a hundred
WARM = 50


def main() -> None:
    asked = argparse.ArgumentParser(prog="benchmarks.bell", description=__doc__)
    asked.add_argument("--rings", type=int, default=2_000)
    rings: int = asked.parse_args().rings
    server = Server.from_environment()
    server.make(DATABASE)
    server.manage(DATABASE, "migrate", "--no-input")
    os.environ |= server.environment(DATABASE) | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_JSON": "true",
        "STRIPE_SECRET_KEY": "sk_test_of_the_benchmark",
        "STRIPE_WEBHOOK_SECRET": SECRET,
    }
    waited, spent = _measure(rings)
    waited.sort()
    slowest = waited[int(len(waited) * 0.99)]
    told = {"p50": waited[len(waited) // 2], "p95": waited[int(len(waited) * 0.95)], "p99": slowest, "max": waited[-1]}
    print(machine())
    print(f"{rings} rings:", ", ".join(f"{name} {value:.1f} ms" for name, value in told.items()), f"CPU {spent:.2f} ms")
    print(f"target {TARGET:.0f} ms:", "kept" if slowest < TARGET else "missed")


def _measure(rings: int) -> tuple[list[float], float]:
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from stripe import WebhookSignature  # noqa: PLC0415

    client, waited, began = Client(), [], time.process_time()
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    of_this_run = f"{time.time_ns():x}"
    for number in range(rings + WARM):
        body = json.dumps(_event(f"evt_{of_this_run}_{number - (number % 4 == 3)}"))
        signature = WebhookSignature.generate_signature_header(body, SECRET, timestamp=int(time.time()))
        started = time.perf_counter()
        answer = client.post(
            "/api/v1/webhooks/stripe", body, content_type="application/json", headers={"Stripe-Signature": signature}
        )
        if answer.status_code != 200:
            sys.exit(f"{answer.status_code}: {answer.content.decode()}")
        if number >= WARM:
            waited.append((time.perf_counter() - started) * 1000)
        else:
            began = time.process_time()
    return waited, (time.process_time() - began) * 1000 / rings


def _event(pk: str) -> dict[str, Any]:
    thing = {"id": f"pi_{pk}", "object": "payment_intent", "status": "succeeded", "metadata": {"words": "x" * 2_000}}
    return {
        "id": pk,
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": thing},
    }


if __name__ == "__main__":
    main()

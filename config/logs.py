"""Structured logs, with what must not be logged taken out."""

import logging
import re
from collections.abc import MutableMapping, Sequence
from typing import Any

import structlog

SECRET_KEYS = re.compile(
    r"pass(word)?|token|secret|otp|code|authorization|cookie|emirates|fcm|signature", re.IGNORECASE
)
SAFE_KEYS = {"code_name", "status_code", "language_code", "failure_code"}
PROBES = re.compile(r" /(healthz|readyz|metrics)\b")
PATTERNS = (
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "[token]"),
    (re.compile(r"\b784[- ]?\d{4}[- ]?\d{7}[- ]?\d\b"), "[emirates id]"),
    (re.compile(r"\b(?:sk|whsec|rk)_\w+"), "[key]"),
    (re.compile(r"(?<![\w-])\+\d{8,15}\b"), "[phone]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[email]"),
    (re.compile(r"(?<=[?&])(token|signature|code|state)=[^&\s'\"]+"), r"\1=[redacted]"),  # in addresses that are logged
)


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values of secret-looking names, and phone numbers, addresses, tokens inside any text."""
    for name, value in entry.items():
        if name not in SAFE_KEYS and SECRET_KEYS.search(name) and value not in (None, ""):
            entry[name] = "[redacted]"
        elif isinstance(value, str):
            entry[name] = scrub(value)
    return entry


def drop_noise(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """One line per request, and none for the probes that ask every few seconds. `code` becomes `status_code`."""
    event = entry.get("event")
    if event == "request_started" or (event == "request_finished" and PROBES.search(str(entry.get("request")))):
        raise structlog.DropEvent
    if event == "request_finished" and "code" in entry:
        entry["status_code"] = entry.pop("code")
    return entry


class NotRoutine(logging.Filter):
    """Hold back the success of jobs that run every half minute; their heartbeat tells the same."""

    ROUTINE = re.compile(r"Task core\.(canary|seal_audit)\[")

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or not self.ROUTINE.match(record.getMessage())


def scrub(text: str) -> str:
    for pattern, word in PATTERNS:
        text = pattern.sub(word, text)
    return text


_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
]


def logging_config(*, apps: Sequence[str], json_lines: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that both speak alike; `level` is that of the `apps`."""
    structlog.configure(
        processors=[
            drop_noise,
            *_shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "souk": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_shared, structlog.stdlib.ExtraAdder(), structlog.processors.format_exc_info],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
            }
        },
        "filters": {"not_routine": {"()": NotRoutine}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "souk", "filters": ["not_routine"]}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            **{app: {"level": level} for app in apps},
            "django": {"level": "INFO"},
            "django_structlog": {"level": "INFO"},
            "celery": {"level": "INFO"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }

"""People who talk: pairs with a conversation each, signed in; and what can happen to them.

Made and moved by the apps' own actions, in a process of its own whose settings name the database: tests and benchmarks run beside it.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from benchmarks.databases import ROOT


@dataclass(frozen=True)
class Talker:
    """Somebody signed in, and the one conversation they are in."""

    id: str
    session: str
    token: str
    conversation: str


class Office:
    """Asks the process, which starts with the first question and ends with `close`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None

    def open(self) -> None:
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "benchmarks.talkers"]
        self._process = subprocess.Popen(
            command, env=self._environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()

    def pairs(self, number: int) -> list[tuple[Talker, Talker]]:
        """Make so many pairs."""
        return [(Talker(**first), Talker(**second)) for first, second in self._ask("pairs", number)]

    def suspend(self, person: Talker) -> float:
        """Suspend somebody; when it was committed, in seconds since the epoch."""
        return self._ask("suspend", person.id)

    def sign_out(self, person: Talker) -> float:
        """End a sign-in from elsewhere; when it was committed, in seconds since the epoch."""
        return self._ask("sign_out", person.session)

    def _ask(self, verb: str, of: str | int) -> Any:
        if self._process is None:
            self.open()
        assert self._process is not None  # noqa: S101 - for the type checker
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps([verb, of]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            msg = f"{verb} failed; its last words stand above"
            raise RuntimeError(msg)
        return json.loads(answer)


def _main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415 - only here is a database at hand

    django.setup()
    verbs = {"pairs": _pairs, "suspend": _suspend, "sign_out": _sign_out}
    answers, sys.stdout = sys.stdout, sys.stderr  # what others print is no answer
    for line in sys.stdin:
        verb, of = json.loads(line)
        print(json.dumps(verbs[verb](of)), file=answers, flush=True)  # type: ignore[operator]


def _pairs(number: int) -> list[list[dict[str, Any]]]:
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import Session, User  # noqa: PLC0415
    from accounts.tokens import AccessToken  # noqa: PLC0415
    from messaging.actions import start_conversation  # noqa: PLC0415

    now, mark = timezone.now(), uuid.uuid4().hex[:8]
    people = User.objects.bulk_create(
        User(
            username=f"talker_{mark}_{n}",
            email=f"talker_{mark}_{n}@example.com",
            full_name="Layla Haddad",
            password="!",  # noqa: S106 - fits nothing
            email_verified_at=now,
            phone_verified_at=now,  # no newcomer: those may begin few conversations
        )
        for n in range(2 * number)
    )
    sessions = Session.objects.bulk_create(
        Session(user=person, kind="api", device_id="talker", expires_at=now + timedelta(days=1)) for person in people
    )
    made = []
    for n in range(0, len(people), 2):
        conversation = start_conversation(person=people[n], other_id=people[n + 1].pk)
        two = []
        for person, session in zip(people[n : n + 2], sessions[n : n + 2], strict=True):
            token = AccessToken()
            token.set_exp(lifetime=timedelta(days=1))
            token["sub"], token["sid"], token["ver"] = str(person.pk), str(session.pk), person.session_version
            two.append(
                {
                    "id": str(person.pk),
                    "session": str(session.pk),
                    "token": str(token),
                    "conversation": str(conversation.pk),
                }
            )
        made.append(two)
    return made


def _suspend(person_id: str) -> float:
    from accounts.actions import restrict_person  # noqa: PLC0415
    from accounts.models import User  # noqa: PLC0415

    restrict_person(user=User.objects.get(pk=person_id), kind="account", reason_en="Spam.", reason_ar="إزعاج.")
    return time.time()


def _sign_out(session_id: str) -> float:
    from accounts.actions import revoke_session  # noqa: PLC0415
    from accounts.models import Session  # noqa: PLC0415

    session = Session.objects.select_related("user").get(pk=session_id)
    revoke_session(user=session.user, session_id=session.pk)
    return time.time()


if __name__ == "__main__":
    _main()

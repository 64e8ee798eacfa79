"""Workers for provider commands that can be killed: `python -m tests.operations.command_worker [--without-keys]`.

One process loads everything once. Each line that it reads makes a child that carries out commands until it is killed, or until it
passes the named point of a command for the first time and kills itself; the child's number is the answer.
"""

import os
import signal
import sys
import time
import uuid

import django

django.setup()

from django.db import connections  # noqa: E402

from payments.actions import run_due_commands, running  # noqa: E402
from payments.models import ProviderCommand  # noqa: E402
from payments.states import CommandState  # noqa: E402


def work(dies_at: str) -> None:
    def passing(point: str) -> None:
        if point == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    while ProviderCommand.objects.filter(state__in=(CommandState.PENDING, CommandState.SENT)).exists():
        if not run_due_commands(limit=5, passing=passing):
            time.sleep(0.02)


def main() -> None:
    if "--without-keys" in sys.argv:  # what the tests must find
        running.key_of = lambda command: str(uuid.uuid4())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        connections.close_all()
        child = os.fork()
        if not child:
            os.close(0)
            try:
                work(line.strip())
            finally:
                os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()

"""What every socket says and understands, whatever apps there are: its shapes, and `ping` and `resume`.

The frames of this module are written by the door itself; apps announce theirs in their `consumers.py`.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.realtime import registry
from core.realtime.errors import UnknownStream
from core.rest.serializers import ProblemErrorOut, StrictSerializer

RESUME_AT_MOST = 500  # frames of one stream per call
RESUME_ALTOGETHER = 2000  # about; whole streams that come after it wait for the next call
STREAMS_AT_MOST = 100


class Nothing(StrictSerializer):
    """No fields."""


class ReadyOut(serializers.Serializer):
    socket_id = serializers.CharField()
    person_id = serializers.UUIDField()
    heartbeat_seconds = serializers.IntegerField(help_text="How often the client sends “ping”.")
    server_time = serializers.DateTimeField()


class PongOut(serializers.Serializer):
    newest = serializers.DateTimeField(
        allow_null=True,
        help_text="When the person's newest news came. Later than any frame you have: “resume” with “since”.",
    )


class ErrorOut(serializers.Serializer):
    code = serializers.CharField(help_text="Stable; docs/errors.md lists all.")
    status = serializers.IntegerField(help_text="As the API would answer.")
    title = serializers.CharField()
    detail = serializers.CharField()
    retry_after = serializers.IntegerField(required=False, help_text="Seconds.")
    errors = ProblemErrorOut(many=True)  # type: ignore[assignment]
    facts = serializers.DictField(required=False)


class ResumeIn(StrictSerializer):
    streams = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=2**63 - 1),
        required=False,
        help_text="By stream, the last number that you have, such as {“conversation:0190…”: 12}. At most 100.",
    )
    since = serializers.DateTimeField(required=False, help_text="Also name the other streams with news after this.")

    def validate_streams(self, streams: dict[str, int]) -> dict[str, int]:
        if len(streams) > STREAMS_AT_MOST:
            raise serializers.ValidationError(_("Name at most 100 streams."), code="max_length")
        for kind in {stream.partition(":")[0] for stream in streams}:
            if registry.resumer_of(kind) is None:
                raise UnknownStream(kind=kind[:32])
        return streams


class ResumedStream(serializers.Serializer):
    seq = serializers.IntegerField(help_text="Of the last frame that was sent again.")
    more = serializers.BooleanField(help_text="There is more: ask again from “seq”.")


class ResumeOut(serializers.Serializer):
    streams = serializers.DictField(child=ResumedStream())
    changed = serializers.ListField(child=serializers.CharField(), help_text="The person's other streams with news.")
    refused = serializers.DictField(
        child=serializers.CharField(), help_text="Streams that are not the person's (any more), with the error's code."
    )


def _answered_by_the_door(_caller: registry.Caller, _given: dict[str, Any]) -> None:
    raise NotImplementedError


def register() -> None:
    registry.announce(
        "ready", shape=ReadyOut, stream="me", summary="The socket is open and hears everything from now on."
    )
    registry.announce("pong", shape=PongOut, stream="me", summary="The answer to “ping”.")
    registry.announce(
        "resync",
        shape=Nothing,
        stream="me",
        summary="The server itself was cut off for a moment, so frames may be missing: send “resume”.",
    )
    registry.announce("error", shape=ErrorOut, stream="me", summary="A frame was refused; “ref” says which.")
    registry.command(
        "ping",
        takes=Nothing,
        answers=PongOut,
        limit=None,  # beyond that of all frames
        summary="I am still here. Answered by “pong” instead of “ack”. Send one every “heartbeat_seconds”.",
    )(_answered_by_the_door)
    registry.command(
        "resume",
        takes=ResumeIn,
        answers=ResumeOut,
        limit="120/m",
        summary="Send me what I missed. The missed frames come first, in order, then the “ack”.",
    )(_answered_by_the_door)

"""Websockets, served by uvicorn in a process group of its own."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

http = get_asgi_application()

from core.realtime.consumers import PersonalConsumer  # noqa: E402 - the apps are ready only now


async def no_such_socket(_scope: Any, receive: Any, send: Any) -> None:
    """Say so instead of failing on an address that nobody serves."""
    await receive()
    await send({"type": "websocket.accept"})  # browsers show a page no other code than that of a close
    await send({"type": "websocket.close", "code": 4404, "reason": "There is no such socket."})


# An address that nobody serves stands last.
websocket = URLRouter([path("ws/v1/me/", PersonalConsumer.as_asgi()), re_path(r"", no_such_socket)])  # type: ignore[arg-type,list-item] # ASGI applications, which Channels takes here

application = ProtocolTypeRouter({"http": http, "websocket": websocket})

"""The floor under messages: what two sockets, one Redis and nothing else take.

    python -m benchmarks.echo SOCKET REDIS FRAME_BYTES ACK_BYTES

A bare asyncio server on the same websocket library as uvicorn's. Whoever connects says in the address who they are and who the
other is; each frame of theirs is published on the other's channel, in a frame of the size of ours, and acknowledged.
"""

import sys
from urllib.parse import parse_qs, urlsplit

import orjson
import redis.asyncio as redis
import uvloop
from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed


async def main(path: str, redis_url: str, frame_bytes: int, ack_bytes: int) -> None:
    there: dict[str, ServerConnection] = {}
    client = redis.Redis.from_url(redis_url)
    bus = client.pubsub(ignore_subscribe_messages=True)

    async def talk(line: ServerConnection) -> None:
        assert line.request is not None  # noqa: S101
        asked = parse_qs(urlsplit(line.request.path).query)
        me, other = asked["me"][0], asked["other"][0]
        there[me] = line
        await bus.subscribe(f"echo:{me}")
        await line.send(b'{"type":"ready"}'.decode())
        async for text in line:
            said = orjson.loads(text)
            frame = {"type": "message:new", "data": {"is_mine": False, "body": said["data"]["content"]}}
            await client.publish(f"echo:{other}", _padded(frame, frame_bytes))
            await line.send(_padded({"type": "ack", "ref": said["ref"]}, ack_bytes).decode())

    async def hear() -> None:
        async for told in bus.listen():
            line = there.get(told["channel"].decode().removeprefix("echo:"))
            if line is not None:
                try:
                    await line.send(told["data"].decode())
                except ConnectionClosed:
                    continue

    await bus.subscribe("echo:")
    async with unix_serve(talk, path, compression=None, ping_interval=None):
        await hear()


def _padded(frame: dict[str, object], size: int) -> bytes:
    short = orjson.dumps(frame | {"pad": ""})
    return orjson.dumps(frame | {"pad": "." * max(0, size - len(short))})


if __name__ == "__main__":
    socket, address, frame_size, ack_size = sys.argv[1:]
    uvloop.run(main(socket, address, int(frame_size), int(ack_size)))

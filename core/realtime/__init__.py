"""Live frames over websockets: the protocol, the sockets, and how the rest of the house speaks through them.

A frame is a hint: it may be lost, so whatever matters is in the database before it is told, and carries a number by which a client
that was away asks for what it missed (`resume`). docs/realtime.md is written from the registry here.
"""

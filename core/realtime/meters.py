"""What Prometheus learns of the sockets. Processes share `PROMETHEUS_MULTIPROC_DIR`, where `/metrics` adds them up."""

from prometheus_client import Counter, Gauge

OPEN = Gauge("souk_sockets_open", "Sockets open now", multiprocess_mode="livesum")
FRAMES = Counter("souk_socket_frames", "Frames handed to sockets (one told to ten sockets counts ten)")
COMMANDS = Counter("souk_socket_commands", "Commands carried out or refused", ["command", "answer"])
CLOSED = Counter("souk_sockets_closed", "Sockets that the server closed, by code", ["code"])
RESYNCS = Counter("souk_socket_resyncs", "Times that this process lost Redis and asked its sockets to catch up")

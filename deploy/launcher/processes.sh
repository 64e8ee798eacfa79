# shellcheck shell=bash
# Part of ./souk: the supervisor. It starts the processes, looks after them, and stops them in order.

PROCESSES=(web realtime relay worker beat nginx)

# Become the process of that name.
become() {
  cd "$ROOT"
  case $1 in
    web) # pages and API; plans stay prepared on the few connections of its few threads
      rm -f "$RUN/http/web.sock"
      exec "$VENV/bin/granian" --interface wsgi config.wsgi:application --uds "$RUN/http/web.sock" --uds-permissions 660 \
        --workers "${WEB_WORKERS:-2}" --blocking-threads "${WEB_THREADS:-2}" --workers-kill-timeout 10 --no-ws --log-level warning ;;
    realtime) # sockets: many at once, so they share a small pool of connections; several processes share one address
      rm -f "$RUN/http/realtime.sock"
      DB_POOL=1 exec "$VENV/bin/uvicorn" config.asgi:application --uds "$RUN/http/realtime.sock" --lifespan off \
        --workers "${REALTIME_PROCESSES:-1}" --timeout-worker-healthcheck 30 --ws-max-size 131072 --ws-per-message-deflate false \
        --ws-ping-interval 20 --ws-ping-timeout 20 --timeout-graceful-shutdown 5 --no-access-log --log-level warning --forwarded-allow-ips '*' ;;
    relay) exec "$VENV/bin/python" manage.py relay ;;
    worker)
      PYTHONWARNINGS="ignore:You're running the worker" exec "$VENV/bin/celery" --app config --quiet worker \
        --concurrency "${WORKER_PROCESSES:-2}" --loglevel INFO --without-gossip --without-mingle ;;
    stripe) become_simulator ;;
    beat) exec "$VENV/bin/celery" --app config --quiet beat --loglevel WARNING --pidfile= ;;
    nginx) exec "$(command -v nginx || echo /usr/sbin/nginx)" -e stderr -c "$RUN/nginx/nginx.conf" -g 'daemon off;' ;;
  esac
}

prefix() { # NAME COLOUR: every line to the screen with a name in front, and to its log
  exec 9>&-
  trap '' INT TERM
  umask 077
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    printf '%s%-8s%s %s\n' "$2" "$1" "$PLAIN" "$line"
    printf '%s\n' "$line" >&3
  done 3>>"$LOGS/$1.log"
}

declare -A PID=() SINCE=() QUICK=() RESTARTS=() DUE=()

# Each process leads a session of its own, so that Ctrl-C reaches only us and a process is stopped with all that it
# started; and each is told to stop should this script be killed.
launch() { # NAME
  local index colour=''
  for index in "${!PROCESSES[@]}"; do [[ ${PROCESSES[index]} != "$1" ]] || colour=${COLOURS[index]}; done
  (
    exec 9>&-
    exec setpriv --pdeathsig TERM setsid "$ROOT/souk" __become "$1"
  ) > >(prefix "$1" "$colour") 2>&1 </dev/null &
  PID[$1]=$! SINCE[$1]=$SECONDS
  unset "DUE[$1]"
  note_processes
}

# nginx starts once there is somebody behind it, so that a first visitor never meets an apology.
web_answers() {
  "$VENV/bin/python" -ISc 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$RUN/http/web.sock" 2>/dev/null
}

lives() { [[ -n ${PID[$1]:-} ]] && kill -0 "${PID[$1]}" 2>/dev/null; }
tell() { # what the supervisor itself has to say
  printf '%s%-8s %s%s\n' "$BOLD" souk "$*" "$PLAIN"
  printf '%(%FT%TZ)T %s\n' -1 "$*" >>"$LOGS/souk.log"
}

after_death() { # NAME: sweep up what it left, and plan its return
  local name=$1 code=0 lived=$((SECONDS - SINCE[$1])) delay
  wait "${PID[$name]}" || code=$?
  kill -KILL -- "-${PID[$name]}" 2>/dev/null || true
  unset "PID[$name]"
  if ((lived < 10)); then QUICK[$name]=$((${QUICK[$name]:-0} + 1)); else QUICK[$name]=1; fi
  if [[ $name == web || $name == nginx ]] && ((QUICK[$name] >= 3)); then
    tell "$name ended three times in a row within seconds of its start; stopping. Its last words:"
    tail -n 15 "$LOGS/$name.log" >&2
    FAILED=1 STOPPING=1
    return
  fi
  delay=$((2 ** (QUICK[$name] - 1)))
  ((delay <= 30)) || delay=30
  DUE[$name]=$((SECONDS + delay)) RESTARTS[$name]=$((${RESTARTS[$name]:-0} + 1))
  note_processes
  tell "$name ended (exit $code) after $lived s; starting it again in $delay s"
}

note_processes() { # for `souk status`: name, pid, start, restarts
  local name
  for name in "${PROCESSES[@]}"; do
    echo "$name ${PID[$name]:--} $((EPOCHSECONDS - SECONDS + ${SINCE[$name]:-0})) ${RESTARTS[$name]:-0}"
  done >"$RUN/processes.new"
  mv "$RUN/processes.new" "$RUN/processes"
}

http_get() { # PATH: status, a blank, body; nothing when nobody answers
  (
    exec 7<>"/dev/tcp/127.0.0.1/$PORT" || exit 1
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" "$(sed -E 's|^https?://([^/]*).*|\1|' <<<"$SITE_URL")" >&7
    IFS=' ' read -r -t 10 _ status _ <&7 || exit 1
    while IFS= read -r -t 10 line <&7 && [[ $line != $'\r' ]]; do :; done
    printf '%s %s' "$status" "$(timeout 10 cat <&7)"
  ) 2>/dev/null
}

# A worker may live and yet take no work any more (Celery after a lost broker). Its heartbeat in the database tells.
mind_the_silent() {
  local body name
  body=$(http_get /readyz) || return 0
  for name in relay worker; do
    if [[ $body == *"\"$name\": \"silent\""* ]] && lives "$name" && ((SECONDS - SINCE[$name] > 180)); then
      tell "$name is alive but has done nothing for two minutes; starting it again"
      kill -TERM "${PID[$name]}" 2>/dev/null || true
    fi
  done
}

serve() { # runs in the foreground until told to stop
  local name tick=0 ready='' pause=0.3
  STOPPING='' FAILED=''
  trap 'STOPPING=1' INT TERM HUP
  ! uses_simulator || PROCESSES+=(stripe)
  echo $$ >"$RUN/pid"
  rm -f "$RUN/ready" "$RUN"/metrics/*.db
  for name in "${PROCESSES[@]}"; do
    [[ $name == nginx ]] || launch "$name"
  done
  while [[ ! $STOPPING ]]; do
    sleep "$pause" 9>&- &
    wait "$!" || true # a signal ends the wait at once
    for name in "${PROCESSES[@]}"; do
      [[ ! $STOPPING ]] || break
      if [[ -n ${PID[$name]:-} ]] && ! lives "$name"; then after_death "$name"; fi
      if [[ -n ${DUE[$name]:-} ]] && ((SECONDS >= DUE[$name])); then launch "$name"; fi
    done
    tick=$((tick + 1))
    if [[ ! ${SINCE[nginx]:-} ]] && web_answers; then launch nginx; fi
    if [[ ! $ready && ${SINCE[nginx]:-} && $(http_get /readyz || true) == 200\ * ]]; then
      ready=1 pause=1
      echo "$SITE_URL" >"$RUN/ready"
      banner
    elif [[ ! $ready && $tick == 400 ]]; then
      tell "still not ready after two minutes. /readyz says: $(http_get /readyz || echo nothing). Logs: $LOGS"
    fi
    if ((tick % 3 == 0)); then mind_the_servers; fi
    if [[ $ready ]] && ((tick % 60 == 0)); then mind_the_silent; fi
  done
  stop_everything
  [[ ! $FAILED ]]
}

mind_the_servers() {
  if [[ $HAS_PRIVATE_POSTGRES ]] && ! postgres_runs; then tell "PostgreSQL ended; starting it again"; (start_postgres) || true; fi
  if [[ $HAS_PRIVATE_REDIS ]] && ! redis_runs; then tell "Redis ended; starting it again"; (start_redis) || true; fi
}

stop_everything() {
  local name until
  rm -f "$RUN/ready"
  tell "stopping"
  trap 'until=0' INT TERM HUP # a second Ctrl-C hurries
  until=$((SECONDS + 20))
  for name in beat relay worker web realtime; do
    if lives "$name"; then kill -TERM "${PID[$name]}" 2>/dev/null || true; fi
  done
  for name in beat relay worker web realtime; do
    while lives "$name" && ((SECONDS < until)); do sleep 0.1 9>&- & wait "$!" || true; done
  done
  if lives stripe; then kill -TERM "${PID[stripe]}" 2>/dev/null || true; fi
  if lives nginx; then
    kill -QUIT "${PID[nginx]}" 2>/dev/null || true
    until=$((SECONDS + 3))
    while lives nginx && ((SECONDS < until)); do sleep 0.1 9>&- & wait "$!" || true; done
  fi
  for name in "${PROCESSES[@]}"; do [[ -z ${PID[$name]:-} ]] || kill -KILL -- "-${PID[$name]}" 2>/dev/null || true; done
  stop_servers
  rm -f "$RUN"/{pid,processes}
  tell "stopped"
}

banner() {
  say ""
  say "  ${GREEN}${BOLD}Souk Loop is ready${PLAIN}   $SITE_URL"
  say "  admin and moderation   $SITE_URL/admin/"
  say "  API                    $SITE_URL/api/docs/"
  say "  mail, SMS and push     $SITE_URL/dev/outbox/"
  ! uses_simulator || say "  payments               simulated at $STRIPE_API_BASE (docs/simulator.md)"
  if has_command demo_logins && [[ ! -s $SOUK_HOME/done/logins ]]; then
    django demo_logins >"$SOUK_HOME/done/logins" 2>/dev/null || rm -f "$SOUK_HOME/done/logins"
  fi
  if [[ -s $SOUK_HOME/done/logins ]]; then
    say ""
    sed 's/^/  /' "$SOUK_HOME/done/logins"
  fi
  say ""
  say "  ${DIM}state $SOUK_HOME   logs $LOGS   stop: ${STOP_HINT:-Ctrl-C}$PLAIN"
  say ""
}

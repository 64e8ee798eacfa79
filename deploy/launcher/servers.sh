# shellcheck shell=bash
# Part of ./souk: PostgreSQL and Redis of our own, on unix sockets only, and what is prepared in them.

# --- PostgreSQL and Redis of our own, on unix sockets only --------------------------------------------------------

as_server() { # PostgreSQL refuses to run as root
  if is_root; then (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@" 9>&-)
  else (cd / && exec "$@" 9>&-); fi
}

postgres_runs() { as_server "$(pg_bin)/pg_ctl" -D "$CLUSTER" status >/dev/null 2>&1; }
redis_runs() { [[ $(redis-cli -s "$RUN/servers/redis.sock" ping 2>/dev/null) == PONG ]]; }
sql() { "$(pg_bin)/psql" -X -q -v ON_ERROR_STOP=1 -h "$RUN/servers" -p 54321 -U souk -At "$@"; }

start_postgres() { # [setting=value ...]: what the caller wants beyond the usual
  local bin memory setting
  bin=$(pg_bin)
  [[ -n $bin ]] || die "No PostgreSQL programs for the cluster in $CLUSTER (version $(cat "$CLUSTER/PG_VERSION" 2>/dev/null)). Install that version, or ./souk reset."
  if [[ ! -s $CLUSTER/PG_VERSION ]]; then
    step "Creating a PostgreSQL cluster"
    rm -rf -- "$CLUSTER"
    mkdir -m 700 -- "$CLUSTER"
    if is_root; then chown postgres: "$CLUSTER"; fi
    # C.UTF-8, never C: under C, pg_trgm sees no letters in Arabic.
    as_server "$bin/initdb" -D "$CLUSTER" -U souk -A trust -E UTF8 --locale=C.UTF-8 >"$RUN/initdb.log" 2>&1 || {
      cat "$RUN/initdb.log" >&2
      die "initdb failed."
    }
    as_server tee -a "$CLUSTER/postgresql.conf" <<<"include 'souk.conf'" >/dev/null
  fi
  if ! postgres_runs; then
    memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
    {
      echo "# Written by souk at every start."
      printf '%s\n' "listen_addresses = ''" "port = 54321" "unix_socket_directories = '$RUN/servers'" \
        "max_connections = 150" "shared_buffers = $((memory / 8 < 1024 ? memory / 8 + 32 : 1024))MB" \
        "effective_cache_size = $((memory / 2))MB" "work_mem = 16MB" "maintenance_work_mem = 128MB" \
        "max_wal_size = 2GB" "random_page_cost = 1.1" "jit = off" "timezone = 'UTC'" "log_timezone = 'UTC'"
      # Containers often have a /dev/shm of 64 MB, too small for a parallel query.
      [[ $(df --output=size -m /dev/shm 2>/dev/null | tail -1) -ge 128 ]] || echo "dynamic_shared_memory_type = mmap"
      for setting in "$@"; do echo "$setting"; done
    } | as_server tee "$CLUSTER/souk.conf" >/dev/null
    as_server "$bin/pg_ctl" -w -t 60 -D "$CLUSTER" start >>"$LOGS/postgres.log" 2>&1 || {
      tail -n 15 "$LOGS/postgres.log" >&2
      die "PostgreSQL does not start (log: $LOGS/postgres.log)."
    }
  fi
}

create_database() { # NAME
  [[ $(sql -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'") ]] || sql -d postgres -c "CREATE DATABASE $1"
  sql -d "$1" -c "SET client_min_messages = warning" \
    -c "CREATE EXTENSION IF NOT EXISTS postgis" -c "CREATE EXTENSION IF NOT EXISTS pg_trgm" \
    -c "CREATE EXTENSION IF NOT EXISTS unaccent" -c "CREATE EXTENSION IF NOT EXISTS btree_gist" \
    -c "CREATE EXTENSION IF NOT EXISTS citext"
}

start_redis() {
  redis_runs && return
  # Nothing in it needs to outlive a restart: what must not be lost lies in PostgreSQL.
  as_server setsid --fork redis-server --port 0 --unixsocket "$RUN/servers/redis.sock" --unixsocketperm 700 --save '' --appendonly no \
    --databases 64 --dir "$RUN/servers" --pidfile "$RUN/servers/redis.pid" >>"$LOGS/redis.log" 2>&1 </dev/null
  local tries
  for ((tries = 0; tries < 50; tries++)); do redis_runs && return; sleep 0.1; done
  die "Redis does not start (log: $LOGS/redis.log)."
}

start_servers() {
  if [[ $HAS_PRIVATE_POSTGRES ]]; then start_postgres; create_database souk; fi
  if [[ $HAS_PRIVATE_REDIS ]]; then start_redis; fi
}

stop_servers() {
  if [[ -S $RUN/servers/redis.sock ]]; then redis-cli -s "$RUN/servers/redis.sock" shutdown nosave >/dev/null 2>&1 || true; fi
  if [[ -s $CLUSTER/PG_VERSION ]] && postgres_runs; then
    as_server "$(pg_bin)/pg_ctl" -D "$CLUSTER" -m fast -t 30 stop >/dev/null 2>&1 ||
      as_server "$(pg_bin)/pg_ctl" -D "$CLUSTER" -m immediate stop >/dev/null 2>&1 || true
  fi
}

# --- preparing ----------------------------------------------------------------------------------------------------

django() { (cd "$ROOT" && exec "$VENV/bin/python" manage.py "$@"); }
as_owner() { DB_MIGRATE_AS_OWNER=1 django "$@"; }
serving_role() { sed -E 's|^[a-z]+://([^:@/]*).*|\1|' <<<"$DATABASE_URL"; }
has_command() { compgen -G "$ROOT/*/management/commands/$1.py" >/dev/null; }

# What was done is remembered with a fingerprint of what it was done from, so that a second start does none of it.
fingerprint() { (cd "$ROOT" && find "$@" -type f -not -name '*.pyc' -print0 | sort -z | xargs -0 -r sha256sum; echo "$DATABASE_URL $STATIC_ROOT") | sha256sum | cut -d' ' -f1; }
is_done() { [[ -f $SOUK_HOME/done/$1 && $(<"$SOUK_HOME/done/$1") == "$2" ]]; }
mark_done() { echo "$2" >"$SOUK_HOME/done/$1"; }

show_migrations() {
  local line applied=0
  while IFS= read -r line; do
    case $line in
      *Applying*OK)
        applied=$((applied + 1))
        [[ ! -t 1 ]] || printf '\r\e[K  %3d %s' "$applied" "${line#*Applying }"
        ;;
      *Operations\ to*|*Apply\ all*|*Running\ mig*) ;;
      *) say "  $line" ;;
    esac
  done
  [[ ! -t 1 ]] || printf '\r\e[K'
  say "  $applied applied"
}

migrate() {
  local key
  key=$(cd "$ROOT" && fingerprint ./*/migrations ./*/apps.py core/management/commands/grant_app_role.py config/staff_groups.py requirements.txt)
  if is_done migrate "$key" && [[ $HAS_PRIVATE_POSTGRES ]]; then return; fi
  step "Migrating the database"
  as_owner migrate --no-input --no-color | show_migrations || die "The migrations did not go through."
  # The role that serves may not rewrite the audit log or the ledger. With servers of your own: OWNER_DATABASE_URL names the owner.
  if [[ $OWNER_DATABASE_URL != "$DATABASE_URL" ]]; then as_owner grant_app_role "$(serving_role)" | sed -u 's/^/  /'; fi
  as_owner sync_groups | sed -u 's/^/  /'
  mark_done migrate "$key"
}

collect_static() {
  local key
  key=$(cd "$ROOT" && fingerprint $(compgen -G 'static'; compgen -G '*/static') requirements.txt)
  is_done static "$key" && return
  step "Collecting static files"
  django collectstatic --no-input --clear --verbosity 0 || die "collectstatic failed."
  mark_done static "$key"
}

seed() { # never in production: everybody knows the demo's passwords
  if [[ ${SOUK_ENV:-development} == production ]] || is_done seed "$DATABASE_URL" || ! has_command seed_demo; then return; fi
  step "Building the demo city (once)"
  django seed_demo --if-empty || die "The demo city could not be built. ./souk reset starts afresh."
  rm -f "$SOUK_HOME/done/logins"
  mark_done seed "$DATABASE_URL"
}

render() { # TEMPLATE TARGET: fill in the SOUK_ names, touch nginx's own $names not at all
  local text name
  text=$(<"$ROOT/deploy/nginx/$1")
  for name in $(grep -oE '\$\{SOUK_[A-Z_]+\}' <<<"$text" | sort -u | tr -d '${}'); do
    text=${text//"\${$name}"/${!name}}
  done
  printf '%s\n' "$text" >"$2"
}

configure_nginx() {
  local SOUK_RUN=$RUN SOUK_WEB=unix:$RUN/http/web.sock SOUK_REALTIME=unix:$RUN/http/realtime.sock
  local SOUK_LISTEN=${SOUK_BIND:-127.0.0.1}:$PORT SOUK_STATIC=$STATIC_ROOT SOUK_MEDIA=$MEDIA_ROOT
  local SOUK_ACCESS_LOG=$LOGS/nginx-access.log SOUK_METRICS_FROM=127.0.0.1 SOUK_CONNECTIONS_PER_ADDRESS=4000
  local SOUK_SOCKETS_PER_ADDRESS=4000 SOUK_MORE_LOCATIONS=$RUN/nginx/locations
  write_simulator_location "$SOUK_MORE_LOCATIONS"
  local SOUK_TRUSTED_PROXY=${SOUK_TRUSTED_PROXY:-192.0.2.0/32} SOUK_NGINX_USER=''
  mkdir -p -- "$STATIC_ROOT" "$MEDIA_ROOT"/{public,private}
  if is_root; then
    SOUK_NGINX_USER='user www-data;'
    chown root:www-data "$MEDIA_ROOT/private"
    chmod 2750 "$MEDIA_ROOT/private"
    setpriv --reuid=www-data --regid=www-data --clear-groups test -x "$STATIC_ROOT" -a -x "$MEDIA_ROOT" ||
      SOUK_NGINX_USER='user root;' # SOUK_HOME lies behind a folder that only root may enter
  fi
  render site.conf.template "$RUN/nginx/site.conf"
  render nginx.conf.template "$RUN/nginx/nginx.conf"
}

free_port() { # the first free port from $1 on
  "$VENV/bin/python" - "$1" "${SOUK_BIND:-127.0.0.1}" <<'PY'
import socket, sys
first, host = int(sys.argv[1]), sys.argv[2]
for port in range(first, min(first + 200, 65536)):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError:
            continue
        print(port)
        break
PY
}

choose_port() {
  local wanted=${SOUK_PORT:-8000}
  PORT=$(free_port "$wanted")
  [[ -n $PORT ]] || die "No free port from $wanted on."
  [[ $PORT == "$wanted" ]] || say "  port $wanted is taken; using $PORT"
  export SITE_URL=${SITE_URL:-http://127.0.0.1:$PORT}
}

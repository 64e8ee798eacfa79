# shellcheck shell=bash
# Part of ./souk: the commands, but for `test`.

lock_instance() { exec 9>"$RUN/lock" && flock -n 9; } # held by `up` for as long as it runs
is_running() { [[ -e $RUN/lock ]] && ! flock -n "$RUN/lock" true; }
running_url() { cat "$RUN/ready" 2>/dev/null || echo "(still starting)"; }

cmd_up() {
  local detach=''
  case ${1:-} in --detach | -d) detach=1 ;; '') ;; *) die -2 "up knows only --detach." ;; esac
  [[ ${SOUK_PORT:-8000} =~ ^[0-9]{1,5}$ ]] && ((${SOUK_PORT:-8000} < 65536)) || die -2 "SOUK_PORT=$SOUK_PORT is no port."
  install_packages up
  make_places
  if ! lock_instance; then
    say "Already running: $(running_url)   (./souk status, ./souk logs, ./souk down)"
    return
  fi
  trap stop_servers EXIT
  find "$LOGS" -name '*.log' -size +10M -exec mv {} {}.1 \;
  write_secrets
  environment
  install_python requirements.txt
  compile_messages
  choose_port
  export PORT
  choose_simulator_port
  simulator_environment
  start_servers
  migrate
  with_simulator seed
  collect_static
  configure_nginx
  export MEDIA_X_ACCEL=1 MEDIA_SERVED_BY_DJANGO=0 # nginx stands in front
  if [[ ! $detach ]]; then
    serve
    return
  fi
  rm -f "$RUN/ready" "$RUN/pid"
  step "Starting"
  STOP_HINT='./souk down' setsid --fork "$ROOT/souk" __serve </dev/null >/dev/null 2>>"$LOGS/souk.log"
  trap - EXIT # they are the supervisor's now
  exec 9>&-
  local until=$((SECONDS + 180))
  while [[ ! -e $RUN/ready ]]; do
    sleep 0.2
    ((SECONDS < until)) || die "It runs but is not ready after three minutes. ./souk status, ./souk logs; ./souk down stops it."
    is_running || { tail -n 12 "$LOGS/souk.log" >&2; die "It did not start. Logs: $LOGS"; }
  done
  STOP_HINT='./souk down' banner
}

cmd___serve() { # the supervisor of `up --detach`; inherits the lock as descriptor 9
  environment
  simulator_environment
  trap stop_servers EXIT
  serve
}

cmd_down() {
  local pid='' until=$((SECONDS + 40))
  if is_running; then
    pid=$(cat "$RUN/pid" 2>/dev/null) || die "It is still preparing; stop it with Ctrl-C there."
    step "Stopping"
    kill -TERM "$pid"
    while is_running; do
      ((SECONDS < until)) || die "The supervisor (pid $pid) does not stop. Look into $LOGS/souk.log."
      sleep 0.2
    done
    say "Stopped."
  else
    stop_servers # left behind when a supervisor was killed
    say "Not running."
  fi
}

cmd_status() {
  local name pid since restarts state body=''
  environment
  if ! is_running; then
    say "Not running.   state $SOUK_HOME"
    return 1
  fi
  say "${BOLD}$(running_url)${PLAIN}   state $SOUK_HOME   logs $LOGS"
  while read -r name pid since restarts; do
    if [[ $pid != - ]] && kill -0 "$pid" 2>/dev/null; then state="${GREEN}runs${PLAIN}"; else state="${RED}down${PLAIN}" pid=-; fi
    printf '  %-9s %s  pid %-8s for %6d s   restarts %d\n' "$name" "$state" "$pid" $((EPOCHSECONDS - since)) "$restarts"
  done <"$RUN/processes"
  if [[ $HAS_PRIVATE_POSTGRES ]]; then
    if postgres_runs; then state="${GREEN}runs${PLAIN}"; else state="${RED}down${PLAIN}"; fi
    printf '  %-9s %s\n' postgres "$state"
  fi
  if [[ $HAS_PRIVATE_REDIS ]]; then
    if redis_runs; then state="${GREEN}runs${PLAIN}"; else state="${RED}down${PLAIN}"; fi
    printf '  %-9s %s\n' redis "$state"
  fi
  SITE_URL=$(running_url) PORT=$(sed -nE 's/^ *listen .*:([0-9]+);/\1/p' "$RUN/nginx/site.conf")
  body=$(http_get /readyz) || body='000 nobody answers'
  say "  /readyz   $body"
  [[ $body == 200\ * ]]
}

cmd_logs() {
  if [[ ${1:-} ]]; then
    [[ -e $LOGS/$1.log ]] || die -2 "No log named $1. There are: $(cd "$LOGS" 2>/dev/null && ls ./*.log 2>/dev/null | sed 's|^./||; s|\.log$||' | xargs)"
    exec tail -n "${SOUK_LINES:-100}" -F "$LOGS/$1.log"
  fi
  exec tail -n "${SOUK_LINES:-15}" -F "$LOGS"/{souk,web,realtime,relay,worker,beat,nginx,stripe}.log
}

# Run a command with this instance's servers; start them for its duration where `up` does not run.
with_servers() {
  local code=0
  install_packages up
  make_places
  write_secrets
  environment
  simulator_environment
  install_python requirements.txt
  if is_running; then "$@" || code=$?
  else
    start_servers
    PORT=${SOUK_PORT:-8000}
    choose_simulator_port
    with_simulator "$@" || code=$?
  fi
  is_running || stop_servers
  return "$code"
}

cmd_manage() {
  with_servers run_manage "$@"
}

run_manage() {
  case ${1:-} in
    migrate | grant_app_role | flush | pgtrigger | createcachetable | load_neighborhoods) as_owner "$@" ;;
    *) django "$@" ;;
  esac || return
  if [[ ${1:-} == migrate && $OWNER_DATABASE_URL != "$DATABASE_URL" ]]; then as_owner grant_app_role "$(serving_role)"; fi
}

cmd_psql() { with_servers run_psql "$@"; }
run_psql() {
  if [[ $HAS_PRIVATE_POSTGRES ]]; then "$(pg_bin)/psql" -h "$RUN/servers" -p 54321 -U souk -d souk "$@"
  else "$(pg_bin)/psql" "${OWNER_DATABASE_URL/#postgis:/postgresql:}" "$@"; fi
}

cmd_bench() {
  local name=${1:-}
  grep -qs 'prog="benchmarks' "$ROOT/benchmarks/$name.py" ||
    die -2 "Say which: $(cd "$ROOT/benchmarks" && grep -l 'prog="benchmarks' ./*.py | sed 's|^\./||; s|\.py$||' | xargs)"
  with_servers run_bench "$@"
}

# A benchmark's rows lie in a database of their own beside the instance's, so the demo city stays as it is.
run_bench() {
  local name=$1
  shift
  if [[ $HAS_PRIVATE_POSTGRES ]]; then
    create_database souk_bench
    export DATABASE_URL OWNER_DATABASE_URL
    DATABASE_URL=$(dsn souk souk_bench) OWNER_DATABASE_URL=$(dsn souk souk_bench)
  elif [[ ! ${BENCH_DATABASE_URL:-} ]]; then
    die "DATABASE_URL is set: name a database for the benchmark's rows in BENCH_DATABASE_URL."
  else
    export DATABASE_URL=$BENCH_DATABASE_URL OWNER_DATABASE_URL=$BENCH_DATABASE_URL
  fi
  export REDIS_FIRST_DB=$((${REDIS_FIRST_DB:-0} + 8)) MEDIA_ROOT=$SOUK_HOME/media-bench PATH="$(pg_bin):$PATH"
  django migrate --verbosity 0
  (cd "$ROOT" && exec "$VENV/bin/python" -m "benchmarks.$name" "$@")
}

cmd_reset() {
  local answer
  if [[ ${1:-} != --yes ]]; then
    [[ -t 0 ]] || die -2 "reset deletes the database, media, simulated payments and logs in $SOUK_HOME. Say ./souk reset --yes."
    read -r -p "Delete the database, media, simulated payments and logs in $SOUK_HOME? [y/N] " answer
    [[ $answer == [yY]* ]] || die "Nothing was deleted."
  fi
  environment
  cmd_down >/dev/null
  [[ $HAS_PRIVATE_POSTGRES ]] || warn "DATABASE_URL is set; that database is left alone."
  rm -rf -- "${CLUSTER:?}" "${SOUK_HOME:?}"/{postgres,media,media-bench,static,stripe,logs,done,env} "${RUN:?}"
  [[ $CLUSTER == "$SOUK_HOME"/* ]] || rmdir -- "${CLUSTER%/*}"
  say "Deleted. The next ./souk up starts afresh."
}

cmd_doctor() {
  local bad=0 missing python bin url free
  ok() { say "  ${GREEN}ok${PLAIN}    $*"; }
  no() { say "  ${RED}look${PLAIN}  $*"; bad=1; }
  step "This machine"
  mapfile -t missing < <(missing_packages test)
  if ((${#missing[@]})); then no "missing: ${missing[*]}   (apt-get install ${missing[*]}; ./souk up and test do it where they may)"
  else ok "packages: PostgreSQL with PostGIS, Redis, nginx, ffmpeg, Chromium"; fi
  if python=$(pick_python); then ok "$("$python" -V) at $python"; else no "no Python 3.11 or newer with venv: apt-get install python3-venv"; fi
  if [[ -x /sbin/ldconfig ]] && /sbin/ldconfig -p | grep -q 'libgdal\.so'; then ok "GDAL library"; else no "GDAL is not found: apt-get install postgresql-postgis"; fi
  free=$(df --output=avail -m "$(dirname "$SOUK_HOME")" 2>/dev/null | tail -1 || df --output=avail -m / | tail -1)
  if ((free > 2000)); then ok "disk: $((free / 1024)) GB free"; else no "disk: only $free MB free where $SOUK_HOME lies"; fi
  if ((${#RUN} <= 80)); then ok "socket folder $RUN"; else no "socket folder $RUN is too long: set a shorter SOUK_RUN"; fi
  step "This instance ($SOUK_HOME)"
  if [[ -x $VENV/bin/python ]]; then
    if [[ -e $(stamp_of requirements.txt) ]]; then ok "Python packages match requirements.txt"
    else no "Python packages are not all of requirements.txt: ./souk up installs them"; fi
  else ok "Python packages: not installed yet, ./souk up does it"; fi
  environment
  bin=$(pg_bin)
  if [[ ! $HAS_PRIVATE_POSTGRES ]]; then
    url=${OWNER_DATABASE_URL/#postgis:/postgresql:}
    if [[ $("$bin/psql" "$url" -XAtc 'SELECT 1' 2>&1) == 1 ]]; then ok "DATABASE_URL answers"; else no "DATABASE_URL does not answer"; fi
  elif [[ ! -d $CLUSTER ]]; then ok "database: not created yet, ./souk up does it"
  elif postgres_runs; then
    url=postgresql://souk@${RUN//\//%2F}%2Fservers:54321/souk
    ok "PostgreSQL $(sql -d souk -c 'SHOW server_version') with PostGIS $(sql -d souk -c 'SELECT postgis_lib_version()')"
  else ok "database: there, not running"; fi
  if [[ $HAS_PRIVATE_POSTGRES ]] && ! postgres_runs; then url=''; fi
  if [[ ${url:-} ]]; then
    case $("$bin/psql" "$url" -XAtc 'SELECT datctype FROM pg_database WHERE datname = current_database()' 2>/dev/null) in
      C | POSIX) no "the database has ctype C: Arabic search finds nothing. Recreate it with C.UTF-8." ;;
      '') no "the database's ctype could not be read" ;;
      *) ok "the database's ctype knows letters beyond ASCII" ;;
    esac
  fi
  if is_running; then ok "running at $(running_url); details: ./souk status"
  else
    PORT=${SOUK_PORT:-8000}
    if (exec 7<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then ok "port $PORT is taken by somebody else; up takes the next free one"; else ok "port $PORT is free"; fi
  fi
  ((!bad)) || { say ""; say "Something above needs a look."; return 1; }
}

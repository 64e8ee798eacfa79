# shellcheck shell=bash
# Part of ./souk: where things lie, and what must be there before anything runs.

# --- places -------------------------------------------------------------------------------------------------------

checksum() { cksum <<<"$1" | cut -d' ' -f1; }
is_root() { ((EUID == 0)); }

# Everything that lasts lies in SOUK_HOME; sockets lie in a short folder of /tmp, because a socket's path may have no
# more than 107 bytes.
places() {
  if [[ -z ${SOUK_HOME:-} ]]; then
    if is_root; then SOUK_HOME=/var/lib/souk-$(checksum "$ROOT")
    else SOUK_HOME=${XDG_STATE_HOME:-$HOME/.local/state}/souk-$(checksum "$ROOT"); fi
  fi
  SOUK_HOME=$(realpath -ms -- "$SOUK_HOME")
  RUN=${SOUK_RUN:-/tmp/souk-$EUID-$(checksum "$SOUK_HOME")}
  LOGS=$SOUK_HOME/logs
  find_cluster
  VENV=${SOUK_VENV:-$ROOT/.venv}
  [[ -n ${SOUK_VENV:-} || -d $VENV || -w $ROOT ]] || VENV=$SOUK_HOME/venv
}

find_cluster() { # as root, SOUK_HOME may lie behind a folder that is closed to user postgres
  CLUSTER=$SOUK_HOME/postgres
  if is_root && ! setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$SOUK_HOME" 2>/dev/null; then
    CLUSTER=/var/lib/souk-$(checksum "$SOUK_HOME")/postgres
  fi
}

make_places() {
  local ours=''
  [[ ! -d $SOUK_HOME || -e $SOUK_HOME/env || -z $(ls -A "$SOUK_HOME") ]] && ours=1
  mkdir -p -- "$SOUK_HOME" "$LOGS" "$SOUK_HOME/done"
  mkdir -m 700 -p -- "$RUN"
  [[ -O $RUN && ! -L $RUN ]] || die "$RUN belongs to somebody else. Remove it, or choose another SOUK_HOME."
  ((${#RUN} <= 80)) || die "$RUN is too long for a socket's path. Choose a shorter SOUK_RUN."
  mkdir -p -- "$RUN"/{servers,http,nginx,metrics}
  if is_root; then # PostgreSQL and Redis run as postgres, nginx's workers as www-data: let them through, nothing more
    [[ ! $ours ]] || chmod 711 "$SOUK_HOME"
    chmod 711 "$RUN"
    find_cluster
    mkdir -p -- "${CLUSTER%/*}"
    chown postgres: "$RUN/servers"
    chown root:www-data "$RUN/http"
    chmod 2750 "$RUN/http"
  elif [[ $ours ]]; then
    chmod 700 "$SOUK_HOME"
  fi
  chmod 700 "$RUN/servers"
}

# --- packages -----------------------------------------------------------------------------------------------------

pg_bin() { # the server programs for this cluster, else the newest installed
  if [[ -s $CLUSTER/PG_VERSION ]]; then compgen -G "/usr/lib/postgresql/$(<"$CLUSTER/PG_VERSION")/bin" || true
  else compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1 || true; fi
}

pick_python() {
  local candidate
  for candidate in ${SOUK_PYTHON:-} /usr/bin/python3 python3.11 python3.12 python3.13 python3; do
    if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

missing_packages() { # up | test
  pick_python >/dev/null || echo python3-venv
  compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null || echo postgresql-postgis # brings GDAL too
  command -v redis-server >/dev/null || echo redis-server
  [[ -x /usr/sbin/nginx ]] || command -v nginx >/dev/null || echo nginx-light
  command -v ffmpeg >/dev/null || echo ffmpeg
  compgen -G '/usr/lib/*/libpangoft2-1.0.so.0' >/dev/null || echo libpangoft2-1.0-0 # invoices as PDF
  compgen -G '/usr/lib/*/libharfbuzz-subset.so.0' >/dev/null || echo libharfbuzz-subset0
  [[ $1 != test ]] || command -v chromium >/dev/null || echo chromium
}

install_packages() { # up | test
  local missing line log sudo=''
  mapfile -t missing < <(missing_packages "$1")
  ((${#missing[@]})) || return 0
  line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  command -v apt-get >/dev/null || die -3 "Missing: ${missing[*]}. This machine has no apt-get; install what corresponds."
  if ! is_root; then
    sudo -n true 2>/dev/null || die -3 "Some packages are missing. Run this once as root, then try again:"$'\n\n'"  $line"$'\n'
    sudo='sudo -n'
  fi
  step "Installing packages: ${missing[*]}"
  log=$(mktemp)
  $sudo apt-get update -qq 2>"$log" || warn "apt-get update failed; trying with the lists at hand."
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" 2>>"$log" |
    show_apt "$log" || {
      tail -n 20 "$log" >&2
      die -3 "The packages could not be installed. By hand: apt-get install ${missing[*]}"
    }
  rm -f -- "$log"
}

show_apt() { # LOG: what apt-get says goes there; here only how far it is
  local line total='' phase='' done=0 before=''
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    case $line in
      *' newly installed, '*) total=${line#*upgraded, }; total=${total%% *} ;;
      Get:*) phase=fetching ;;
      Unpacking*) phase=unpacking ;;
      Setting\ up*) phase='setting up' ;;
      *) continue ;;
    esac
    if [[ $phase != "$before" ]]; then
      done=0 before=$phase
      [[ -t 1 ]] || say "  $phase $total packages"
    fi
    done=$((done + 1))
    [[ ! -t 1 ]] || printf '\r\e[K  %s %d of %s' "$phase" "$done" "$total"
  done
  [[ ! -t 1 ]] || printf '\r\e[K'
}

# --- Python -------------------------------------------------------------------------------------------------------

# One environment, beside the code, never the system's Python. `test` adds its tools to what `up` installed: the two
# locks agree on every version that they share.
install_python() { # requirements.txt | requirements-dev.txt
  local lock=$1 total
  [[ ! -e $(stamp_of "$lock") ]] || return 0
  mkdir -p -- "$VENV"
  exec 8>"$VENV/.lock" # `up` and `test` may both want to install
  flock -n 8 || { say "  waiting for another installation in $VENV"; flock 8; }
  if [[ ! -e $(stamp_of "$lock") ]]; then
    # A half-made environment, or one whose folder was moved, is made anew.
    if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null || [[ $(head -n 1 "$VENV/bin/pip") != "#!$VENV/bin/python"* ]]; then
      [[ -z ${SOUK_VENV:-} || -z $(find "$VENV" -mindepth 1 -not -name .lock -print -quit) ]] ||
        die "SOUK_VENV=$SOUK_VENV is no environment made there. Name an empty folder."
      find "$VENV" -mindepth 1 -maxdepth 1 -not -name .lock -exec rm -rf {} +
      "$(pick_python)" -m venv "$VENV"
    fi
    total=$(grep -c '==' "$ROOT/$lock")
    step "Installing $total Python packages into ${VENV/#$ROOT\//} (a minute, once)"
    PYTHONUTF8=1 "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --require-hashes --progress-bar off \
      -r "$ROOT/$lock" >"$VENV/.log" 2>&1 &
    show_pip "$!" "$total"
    wait "$!" || {
      tail -n 15 "$VENV/.log" >&2
      die "pip could not install $lock (whole log: $VENV/.log). Without internet: point PIP_INDEX_URL or PIP_FIND_LINKS at a mirror."
    }
    [[ $lock != requirements-dev.txt ]] || touch "$(stamp_of requirements.txt)"
    touch "$(stamp_of "$lock")"
  fi
  exec 8>&-
}

stamp_of() { # LOCK: the file that says its packages are in
  echo "$VENV/.has-$({ cat "$ROOT/$1"; echo "$VENV"; } | sha256sum | cut -c1-16)"
}

show_pip() { # PID TOTAL: one moving line on a terminal, a few lines elsewhere
  local found shown=-1
  while kill -0 "$1" 2>/dev/null; do
    sleep 0.5
    found=$(grep -cE '^(Collecting|Requirement already satisfied)' "$VENV/.log" 2>/dev/null) || true
    if [[ -t 1 ]]; then
      if grep -q '^Installing collected' "$VENV/.log"; then printf '\r  unpacking %s packages …          ' "$2"
      else printf '\r  fetching %3d of %s …' "$found" "$2"; fi
    elif ((found / 25 != shown)); then
      shown=$((found / 25))
      say "  $found of $2"
    fi
  done
  [[ ! -t 1 ]] || printf '\r\e[K'
}

compile_messages() {
  local po mo
  for po in "$ROOT"/locale/*/LC_MESSAGES/*.po; do
    mo=${po%.po}.mo
    [[ -e $po && ! $mo -nt $po ]] || continue
    "$VENV/bin/pybabel" --quiet compile --input-file "$po" --output-file "$mo" || die "$po does not compile."
  done
}

# --- environment --------------------------------------------------------------------------------------------------

load_env() { # FILE: its NAME=value lines, where the environment does not say otherwise
  local name value
  [[ -r $1 ]] || return 0
  while IFS='=' read -r name value || [[ -n $name ]]; do
    [[ $name =~ ^[A-Z][A-Z0-9_]*$ && -z ${!name+x} ]] || continue
    [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}
    export "$name=$value"
  done <"$1"
}

random_key() { head -c 64 /dev/urandom | base64 -w0 | tr -d '/+=\n'; }

write_secrets() {
  [[ -s $SOUK_HOME/env ]] && return
  (
    umask 077
    echo "# This instance's own secrets, made once. Everything else may be set here too: see .env.example."
    for name in SECRET_KEY JWT_SIGNING_KEY OTP_KEY MEDIA_SIGNING_KEY; do echo "$name=$(random_key)"; done
  ) >"$SOUK_HOME/env.new"
  chmod 600 "$SOUK_HOME/env.new"
  mv "$SOUK_HOME/env.new" "$SOUK_HOME/env"
}

dsn() { # ROLE DATABASE
  echo "postgis://$1@${RUN//\//%2F}%2Fservers:54321/$2"
}

# Stronger first: the caller's environment, .env in the checkout, this instance's own file, the private servers.
environment() {
  load_env "$ROOT/.env"
  load_env "$SOUK_HOME/env"
  export DATABASE_URL=${DATABASE_URL:-$(dsn souk_app souk)} REDIS_URL=${REDIS_URL:-unix://$RUN/servers/redis.sock}
  HAS_PRIVATE_POSTGRES='' HAS_PRIVATE_REDIS=''
  if [[ $DATABASE_URL == "$(dsn souk_app souk)" ]]; then
    HAS_PRIVATE_POSTGRES=1
    OWNER_DATABASE_URL=$(dsn souk souk)
  fi
  export OWNER_DATABASE_URL=${OWNER_DATABASE_URL:-$DATABASE_URL}
  [[ $REDIS_URL != "unix://$RUN/servers/redis.sock" ]] || HAS_PRIVATE_REDIS=1
  export MEDIA_ROOT=${MEDIA_ROOT:-$SOUK_HOME/media} STATIC_ROOT=${STATIC_ROOT:-$SOUK_HOME/static}
  export PROMETHEUS_MULTIPROC_DIR=$RUN/metrics
  export SOUK_READ_DOTENV=0 PYTHONUTF8=1 PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=config.settings
}

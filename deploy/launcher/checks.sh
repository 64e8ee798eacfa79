# shellcheck shell=bash
# Part of ./souk: `test` brings up throw-away servers, runs every check and the tests, and removes it all.

cmd_test() {
  local only_pytest='' name started=$SECONDS code=0 pytest_arguments=()
  while (($#)); do
    case $1 in
      --full) export SOUK_TEST_FULL=1 ;;
      --) only_pytest=1; shift; pytest_arguments+=("$@"); break ;;
      *) pytest_arguments+=("$1") ;;
    esac
    shift
  done
  install_packages test
  install_python requirements-dev.txt
  # Nothing of the caller's settings may leak into the tests, and no server of theirs be touched.
  for name in $(grep -oE '^#? ?[A-Z][A-Z0-9_]+=' "$ROOT/.env.example" | tr -d '#= '); do unset "$name"; done
  sweep_sandboxes
  SANDBOX=$(mktemp -d /tmp/souk-test-XXXXXX)
  exec 9>"$SANDBOX/lock"
  flock -n 9
  trap clean_sandbox EXIT
  trap 'exit 130' INT TERM HUP
  SOUK_HOME=$SANDBOX/home RUN=$SANDBOX/run
  LOGS=$SOUK_HOME/logs CLUSTER=$SOUK_HOME/postgres
  is_root && chmod 711 "$SANDBOX"
  make_places
  environment
  export SOUK_ENV=test
  DATABASE_URL=$OWNER_DATABASE_URL
  start_postgres "fsync = off" "synchronous_commit = off" "full_page_writes = off" "autovacuum = off"
  create_database souk
  start_redis
  compile_messages

  FAILED=()
  cd "$ROOT"
  [[ $only_pytest ]] || run_checks
  heading pytest
  setpriv --pdeathsig TERM "$VENV/bin/python" -m pytest -n "${SOUK_TEST_PROCESSES:-2}" "${pytest_arguments[@]}" || { code=$?; FAILED+=(pytest); }
  if ((${#FAILED[@]})); then
    say ""
    warn "Failed: $(printf '%s, ' "${FAILED[@]}" | sed 's/, $//')   ($((SECONDS - started)) s in all)"
    exit $((code ? code : 1))
  fi
  say "Everything holds   ($((SECONDS - started)) s in all)"
}

sweep_sandboxes() { # left by a test run that was killed
  local SANDBOX
  for SANDBOX in /tmp/souk-test-*; do
    [[ -O $SANDBOX && -e $SANDBOX/lock ]] && flock -n "$SANDBOX/lock" true || continue
    (SOUK_HOME=$SANDBOX/home RUN=$SANDBOX/run CLUSTER=$SANDBOX/home/postgres; clean_sandbox)
  done
}

clean_sandbox() {
  trap '' INT TERM HUP
  if redis_runs; then redis-cli -s "$RUN/servers/redis.sock" shutdown nosave >/dev/null 2>&1 || true; fi
  if [[ -s $CLUSTER/PG_VERSION ]]; then as_server "$(pg_bin)/pg_ctl" -D "$CLUSTER" -m immediate stop >/dev/null 2>&1 || true; fi
  rm -rf -- "$SANDBOX"
}

heading() { printf '%s── %s%s' "$BOLD" "$1" "$PLAIN"; [[ $1 != pytest ]] || echo; }

check() { # NAME COMMAND...: silent when good, all its words when not
  local name=$1 from=$EPOCHREALTIME
  shift
  heading "$name"
  if "$@" >"$SANDBOX/output" 2>&1; then
    printf ' %sok%s %s%s s%s\n' "$GREEN" "$PLAIN" "$DIM" "$(seconds_since "$from")" "$PLAIN"
  else
    printf ' %sFAILED%s %s s\n' "$RED" "$PLAIN" "$(seconds_since "$from")"
    head -n 60 "$SANDBOX/output" | sed 's/^/   /'
    (($(wc -l <"$SANDBOX/output") <= 60)) || say "   … and $(($(wc -l <"$SANDBOX/output") - 60)) lines more: $*"
    FAILED+=("$name")
  fi
}
seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

run_checks() {
  local bin=$VENV/bin release
  check "ruff check" "$bin/ruff" check --quiet .
  check "ruff format" "$bin/ruff" format --check --quiet .
  check "templates" "$bin/djlint" --quiet --lint .
  check "compose file" "$bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml
  check "nginx" check_nginx
  check "dependencies" "$bin/deptry" --no-ansi .
  check "import contracts" "$bin/lint-imports"
  check "django checks" django check --fail-level WARNING --database default
  check "migrations complete" django makemigrations --check --dry-run
  # Safe means: the release that runs now survives them. Before the first release there is none to protect.
  if release=$(git -C "$ROOT" describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then
    check "migrations safe" django lintmigrations --git-commit-id "$release" --project-root-path "$ROOT" --sql-analyser postgresql --no-cache \
      --quiet ok ignore
  fi
  check "API description" check_openapi
  if has_command write_docs; then check "generated docs" django write_docs --check; fi
  check "types" "$bin/mypy" .
}

check_openapi() {
  django spectacular --validate --fail-on-warn --file "$SANDBOX/openapi.yaml" &&
    diff -u docs/openapi.yaml "$SANDBOX/openapi.yaml" | head -n 60 ||
    { echo "docs/openapi.yaml is not what the code says. If the change is meant: ./souk manage spectacular --file docs/openapi.yaml"; return 1; }
}

check_nginx() {
  PORT=8000 configure_nginx
  "$(command -v nginx || echo /usr/sbin/nginx)" -t -q -e stderr -c "$RUN/nginx/nginx.conf"
}

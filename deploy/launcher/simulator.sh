# shellcheck shell=bash
# Part of ./souk: the Stripe simulator, which runs as `stripe` where no key of Stripe's is set. Never in production.

uses_simulator() { [[ ! ${STRIPE_SECRET_KEY:-} || ${STRIPE_SIMULATED:-} ]] && [[ ${SOUK_ENV:-development} != production ]]; }

# Keys of its own, made once, and the address it listens on: what everybody else of this instance talks to it with.
simulator_environment() {
  uses_simulator || return 0
  if [[ ! -s $SOUK_HOME/stripe/env ]]; then
    mkdir -m 700 -p -- "$SOUK_HOME/stripe"
    (
      umask 077
      echo "STRIPE_SECRET_KEY=sk_test_$(random_key)"
      echo "STRIPE_PUBLISHABLE_KEY=pk_test_$(random_key)"
      echo "STRIPE_WEBHOOK_SECRET=whsec_$(random_key)"
      echo "STRIPE_CONNECT_WEBHOOK_SECRET=whsec_$(random_key)"
    ) >"$SOUK_HOME/stripe/env"
  fi
  unset STRIPE_SECRET_KEY STRIPE_PUBLISHABLE_KEY STRIPE_WEBHOOK_SECRET STRIPE_CONNECT_WEBHOOK_SECRET
  load_env "$SOUK_HOME/stripe/env"
  export STRIPE_SIMULATED=1
  if [[ ! ${STRIPE_SIMULATOR_PORT:-} && -s $RUN/stripe.port ]] && is_running; then STRIPE_SIMULATOR_PORT=$(<"$RUN/stripe.port"); fi
  # Never Stripe itself, also while nothing listens there.
  export STRIPE_API_BASE=http://127.0.0.1:${STRIPE_SIMULATOR_PORT:-9}
}

choose_simulator_port() { # near the site's own, and never its
  uses_simulator || return 0
  local wanted=${STRIPE_SIMULATOR_PORT:-$((PORT < 61000 ? PORT + 4000 : PORT - 4000))}
  STRIPE_SIMULATOR_PORT=$(SOUK_BIND=127.0.0.1 free_port "$wanted")
  [[ -n $STRIPE_SIMULATOR_PORT ]] || die "No free port for the Stripe simulator from $wanted on."
  echo "$STRIPE_SIMULATOR_PORT" >"$RUN/stripe.port"
  export STRIPE_SIMULATOR_PORT STRIPE_API_BASE=http://127.0.0.1:$STRIPE_SIMULATOR_PORT
}

# Money becomes available within minutes here, not days, so that a payout can be tried in one sitting.
become_simulator() {
  local site=${SOUK_BIND:-127.0.0.1}
  [[ $site != 0.0.0.0 ]] || site=127.0.0.1
  site=http://$site:${PORT:-8000}
  exec "$VENV/bin/python" -m stripe_simulator --port "$STRIPE_SIMULATOR_PORT" --state "$SOUK_HOME/stripe/state.sqlite" \
    --public-url "${SITE_URL:-$site}/stripe-simulator" --available-after "${STRIPE_SIMULATOR_AVAILABLE_AFTER:-120}" --payout-transit-after 5 \
    --payout-standard-after 60 --payout-instant-after 10 \
    --webhook "$site/api/v1/webhooks/stripe=$STRIPE_WEBHOOK_SECRET" \
    --connect-webhook "$site/api/v1/webhooks/stripe/connect=$STRIPE_CONNECT_WEBHOOK_SECRET"
}

simulator_answers() { (exec 7<>"/dev/tcp/127.0.0.1/$STRIPE_SIMULATOR_PORT") 2>/dev/null; }

# Run a command with the simulator beside it, for as long as the command takes, where `up` does not run it already.
with_simulator() {
  local pid code=0 tries
  if ! uses_simulator || [[ ! ${STRIPE_SIMULATOR_PORT:-} ]] || simulator_answers; then
    "$@"
    return
  fi
  (exec 9>&-; exec setpriv --pdeathsig TERM "$ROOT/souk" __become stripe) >>"$LOGS/stripe.log" 2>&1 </dev/null &
  pid=$!
  for ((tries = 0; tries < 300; tries++)); do simulator_answers && break; sleep 0.1; done
  "$@" || code=$?
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  return "$code"
}

# Its pages for browsers, under the site's own address; nothing else of it is reachable from there.
write_simulator_location() { # FOLDER
  mkdir -p -- "$1"
  rm -f -- "$1"/stripe.conf
  uses_simulator || return 0
  cat >"$1/stripe.conf" <<EOF
location /stripe-simulator/ {
    proxy_pass http://127.0.0.1:${STRIPE_SIMULATOR_PORT:-12111}/pages/;
}
EOF
}

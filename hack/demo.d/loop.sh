# shellcheck shell=bash
# Sourced by hack/demo: its act for drift. A model is served, its traffic shifts, and a
# policy sees to it that a model of the world as it is now takes over.
# shellcheck disable=SC2154 # python, demo, namespace and scratch are hack/demo's

traffic_pid=

traffic_start() { # URL
  "$python" "$demo/world.py" traffic "$1" world "$scratch/world" >"$scratch/traffic.log" 2>&1 &
  traffic_pid=$!
}

traffic_end() {
  [[ -n $traffic_pid ]] || return 0
  kill "$traffic_pid" 2>/dev/null || true
  wait "$traffic_pid" || true
  traffic_pid=
}

drift_now() { # OBJECT JSONPATH
  kube_read -n "$namespace" get "$1" world --ignore-not-found -o jsonpath="$2"
}

# The loop as kubectl get shows it, a line whenever it changes, until a version is
# served and the policy is content.
watch_loop() { # VERSION LIMIT-IN-SECONDS
  local before='' now served until=$((SECONDS + $2))
  while [[ $SECONDS -lt $until ]]; do
    served=$(drift_now infsvc '{.status.stable.modelVersion}')
    now="served: $served; drifted: $(drift_now drift '{.status.lastEvaluation.drifted}')"
    now+=" $(drift_now drift '{.status.phase}'), breaches: $(drift_now drift '{.status.breaches}')"
    now+="; training: $(drift_now tj '{range .status.runs[*]}{.number} {.phase} {end}')"
    if [[ $now != "$before" ]]; then log "$now" && before=$now; fi
    if [[ $served == "world-$1" && $(drift_now drift '{.status.phase}') == Healthy ]]; then return 0; fi
    sleep 1
  done
  kube -n "$namespace" describe drift,tj world | tail -n 80
  kube -n "$namespace" get pods,jobs
  die "world-$1 served and nothing drifted within $2 s" "$now" "kubectl -n $RELEASE_NAMESPACE logs deployment/tatara-operator"
}

upload_rows() { # WORLD:MINUTES-AGO...
  local rows
  {
    echo "at,x0,x1,x2,x3,label"
    for rows; do "$python" "$demo/world.py" rows "${rows%:*}" 2000 "${rows#*:}"; done
  } >"$scratch/rows.csv"
  s3 upload.py data "$scratch/rows.csv=world/rows.csv"
}

told() { # WORLD
  printf 'rows of the world %s it: %s of the answers are right\n' "$1" \
    "$("$python" "$demo/world.py" accuracy "$service_url" world "$1")"
}

loop_act() {
  local began
  step "a model of the world as it is, trained and served"
  upload_rows before:30
  kube -n "$namespace" apply --server-side -f "$demo/world.yaml"
  watch_run world 1
  wait_ready inferenceservice/world
  service_url=$(reach_service "$namespace" world)

  step "traffic as the model knows it"
  echo before >"$scratch/world"
  traffic_start "$service_url"
  watch_loop 1 180
  told before

  step "the traffic shifts, and nobody touches anything"
  began=$SECONDS
  # As if an hour had gone by: the window of the next run has none of the world as it was.
  upload_rows before:90 after:0
  echo after >"$scratch/world"
  told after
  watch_loop 2 600
  log "from the shift to a model that knows: $((SECONDS - began)) s"
  told after
  traffic_end
  tail -n 1 "$scratch/traffic.log"
  show get drift,tj,mv,infsvc
  show events --for driftpolicy/world --types=Normal,Warning
}

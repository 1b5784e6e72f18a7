# shellcheck shell=bash
# Sourced by hack/demo: its act for a bad model. A version that passed its gates answers
# nonsense; a canary shows it, and everything goes back before most callers have noticed.
# shellcheck disable=SC2154 # demo, namespace, rate and scratch are hack/demo's

watch_pid=

# The service as kubectl get --watch shows it, a line whenever more than its age has changed.
watch_start() {
  "$KUBECTL" --kubeconfig "$KUBECONFIG" -n "$namespace" get infsvc digits --watch > >(
    before=
    while IFS= read -r line; do
      now=$(without_age <<<"$line")
      if [[ $now != "$before" ]]; then log "$line" && before=$now; fi
    done
  ) &
  watch_pid=$!
}

watch_end() {
  [[ -n $watch_pid ]] || return 0
  kill "$watch_pid" 2>/dev/null || true
  wait "$watch_pid" || true
  watch_pid=
}

digits_now() { # JSONPATH
  kube_read -n "$namespace" get infsvc digits -o jsonpath="$1"
}

await_rollback() { # VERSION
  local until=$((SECONDS + 180))
  while [[ $SECONDS -lt $until ]]; do
    if [[ $(digits_now '{.status.history[0].outcome} {.status.history[0].modelVersion}') == "RolledBack digits-$1" &&
      $(kube_read -n "$namespace" get mv "digits-$1" -o jsonpath='{.status.phase}') == Quarantined ]]; then
      return 0
    fi
    sleep 0.5
  done
  kube -n "$namespace" describe infsvc digits | tail -n 60
  die "digits-$1 to be rolled back within 180 s" "see above" "kubectl -n $RELEASE_NAMESPACE logs deployment/tatara-operator"
}

rollback_act() {
  if [[ -z $(kube_read -n "$namespace" get infsvc digits --ignore-not-found -o name) ]]; then
    digits_served 2
  fi
  step "version 3 passes its gates, and its preprocessing was forgotten in the export"
  grep '^digits 3:' "$scratch/models/log"
  # The same service; the next version gets its traffic step by step.
  kube -n "$namespace" apply --server-side -f "$demo/canary.yaml"
  wait_ready inferenceservice/digits
  load_start
  watch_start
  apply_version 3
  await_rollback 3
  # A while longer: what came of it for callers.
  sleep 3
  watch_end
  load_end

  step "why"
  printf '%s\n' "$(digits_now '{.status.rejected[0].reason}')"
  show get events --field-selector involvedObject.name=digits,reason=RolledBack \
    -o custom-columns=TYPE:.type,REASON:.reason,MESSAGE:.message
  show get mv
  accuracy 2
}

# shellcheck shell=bash
# Sourced by hack/demo: its act for features and training. Raw rows become features,
# features and labels become a judged model, and that is served.
# shellcheck disable=SC2154 # python, demo, namespace and scratch are hack/demo's

readonly training_sample=$HACK_DIR/../config/samples/trainingjob-features-gates.yaml

s3() { # SCRIPT ARGUMENT...: one of the scripts that talk to the store
  AWS_ACCESS_KEY_ID=$(store_key AWS_ACCESS_KEY_ID) AWS_SECRET_ACCESS_KEY=$(store_key AWS_SECRET_ACCESS_KEY) \
    "$python" "$demo/$1" "$(reach_store)" "${@:2}"
}

# The run as kubectl get shows it, a line whenever it changes, until it is over.
watch_run() { # TRAININGJOB NUMBER
  local before='' now until=$((SECONDS + 600))
  while [[ $SECONDS -lt $until ]]; do
    now=$(kube_read -n "$namespace" get tj "$1" \
      -o jsonpath="{range .status.runs[?(@.number==$2)]}{.phase} {.progressPercent}{end}" | sed -E 's/ ([0-9]+)$/ \1 %/')
    if [[ $now != "$before" ]]; then log "run $2: ${now:-not begun}" && before=$now; fi
    case $now in
      Registered*) return 0 ;;
      GatesFailed* | DataRejected* | Failed* | Cancelled*) break ;;
    esac
    sleep 0.5
  done
  kube -n "$namespace" describe tj "$1" | tail -n 60
  kube -n "$namespace" get pods,jobs
  die "run $2 to register a version within 600 s" "$now" "kubectl -n $RELEASE_NAMESPACE logs deployment/tatara-operator"
}

# held_back INPUT DATATYPE COLUMNS: asks the service about the rows that the run held
# back, as the run left them in the store; it must be as right as it was judged to be.
held_back() {
  local judged answered
  s3 holdout.py tatara "artifacts/runs/$namespace/diagnosis/1-" malignant "$1" "$2" "$3" "$scratch/held-back.json"
  answered=$("$python" "$demo/ask.py" "$(reach_service "$namespace" diagnosis)" diagnosis "$scratch/held-back.json")
  judged=$(printf '%.4f' "$(kube_read -n "$namespace" get mv diagnosis-1 -o jsonpath='{.spec.metrics.accuracy}')")
  printf 'asked by %s: accuracy %s as judged, %s of the service'"'"'s answers (%s)\n' \
    "$1" "$judged" "${answered%% *}" "${answered#* }"
  awk -v a="$judged" -v b="${answered%% *}" 'BEGIN { exit !(a - b < 0.0001 && b - a < 0.0001) }' ||
    die "the service to answer as the model was judged: $judged" "${answered%% *}"
}

training_act() {
  local file files=() columns
  step "raw measurements and diagnoses, uploaded"
  "$python" "$HACK_DIR/../samples/data/breast_cancer.py" "$scratch/breast-cancer"
  for file in "$scratch"/breast-cancer/{measurements/*,diagnoses}.csv; do
    files+=("$file=breast-cancer/${file#"$scratch/breast-cancer/"}")
  done
  s3 upload.py data "${files[@]}"

  step "features computed, a model trained on them, judged and registered"
  # The sample as it is, but for the online store.
  redis_up
  redis_secret "$namespace"
  kube patch --local -f <(sed '/^---$/,$d' "$training_sample") --type merge -o yaml \
    -p '{"spec": {"online": {"enabled": true, "redis": {"secretRef": {"name": "redis"}}}}}' |
    kube -n "$namespace" apply --server-side -f -
  sed '1,/^---$/d' "$training_sample" | kube -n "$namespace" apply --server-side -f -
  wait_ready featureview/cell-nuclei
  watch_run diagnosis 1
  show get fv,tj,mv

  step "that model served"
  kube -n "$namespace" apply --server-side -f "$demo/diagnosis.yaml"
  wait_ready modelversion/diagnosis-1
  wait_ready inferenceservice/diagnosis
  show get infsvc diagnosis
  columns=$(kube -n "$namespace" get tj diagnosis -o jsonpath='{.spec.dataset.featureViews[0].features}' | tr -d '[]"')
  held_back features FP32 "$columns"
}

# shellcheck shell=bash
# Sourced after common.sh by hack/demo, hack/verify and bench/: what every one of
# them needs to stand on. A cluster, the images in it, an S3 store, the chart.

STORE_NAMESPACE=tatara-store
STORE_ENDPOINT=http://s3.$STORE_NAMESPACE.svc
RELEASE_NAMESPACE=tatara-system
KUBECTL=

kube() { "$KUBECTL" --kubeconfig "$KUBECONFIG" "$@"; }

# kube_read KUBECTL-ARGS...: for who watches for minutes. An API server that doesn't
# answer is asked again, for two minutes.
kube_read() {
  local output until=$((SECONDS + 120))
  until output=$(kube "$@" 2>/dev/null); do
    if [[ $SECONDS -ge $until ]]; then
      kube "$@"
      return
    fi
    sleep 2
  done
  printf '%s\n' "$output"
}

# cluster_up: CLUSTER_ARGS may hold --context NAME. Sets KUBECONFIG, KUBECTL and
# what hack/cluster says of the cluster beside (TATARA_AUDIT_LOG, ...).
cluster_up() {
  "$HACK_DIR/cluster" "${CLUSTER_ARGS[@]}" up
  local variables
  variables=$("$HACK_DIR/cluster" "${CLUSTER_ARGS[@]}" env)
  eval "$variables"
  KUBECTL=$("$HACK_DIR/tools" kubectl)
  export KUBECTL
}

image_tars() {
  local name
  for name in "$@"; do printf '%s\n' "$HACK_DIR/../images/$name/target/$name.tar"; done
}

images_load() { # NAME...: besides those that every installation needs
  local tars
  mapfile -t tars < <(image_tars operator runtime steps s3proxy "$@")
  "$HACK_DIR/cluster" "${CLUSTER_ARGS[@]}" load-image "${tars[@]}"
}

# image_name NAME: what the cluster knows an image as.
image_name() {
  if [[ ${#CLUSTER_ARGS[@]} -gt 0 && -n ${TATARA_REGISTRY:-} ]]; then
    printf '%s/%s:dev\n' "$TATARA_REGISTRY" "$1"
  else
    printf 'tatara.dev/%s:dev\n' "$1"
  fi
}

# store_up: the S3 store, with a key of its own that stays the same while it runs.
store_up() {
  local manifest=$HACK_DIR/lib/platform/store.yaml
  sed "s#tatara.dev/s3proxy:dev#$(image_name s3proxy)#" "$manifest" | kube apply -f - >/dev/null
  if ! kube -n "$STORE_NAMESPACE" get secret store-key >/dev/null 2>&1; then
    kube -n "$STORE_NAMESPACE" create secret generic store-key --from-literal AWS_ACCESS_KEY_ID=tatara \
      --from-literal "AWS_SECRET_ACCESS_KEY=$(od -An -N 20 -tx1 /dev/urandom | tr -d ' \n')" >/dev/null
  fi
  kube -n "$STORE_NAMESPACE" rollout status deployment/s3 --timeout 180s >/dev/null
}

store_key() { # AWS_ACCESS_KEY_ID | AWS_SECRET_ACCESS_KEY
  kube -n "$STORE_NAMESPACE" get secret store-key -o "go-template={{index .data \"$1\" | base64decode}}"
}

# store_secret NAMESPACE [NAME]: lets a namespace's pods read and write the store.
store_secret() {
  kube -n "$1" create secret generic "${2:-tatara-artifact-store}" --dry-run=client -o yaml \
    --from-literal "AWS_ACCESS_KEY_ID=$(store_key AWS_ACCESS_KEY_ID)" \
    --from-literal "AWS_SECRET_ACCESS_KEY=$(store_key AWS_SECRET_ACCESS_KEY)" \
    --from-literal "AWS_ENDPOINT_URL=$STORE_ENDPOINT" | kube apply -f - >/dev/null
}

# redis_up: a Redis, with a password that stays the same while it runs.
redis_up() {
  sed "s#tatara.dev/redis:dev#$(image_name redis)#" "$HACK_DIR/lib/platform/redis.yaml" | kube apply -f - >/dev/null
  if ! kube -n "$STORE_NAMESPACE" get secret redis-key >/dev/null 2>&1; then
    kube -n "$STORE_NAMESPACE" create secret generic redis-key \
      --from-literal "password=$(od -An -N 20 -tx1 /dev/urandom | tr -d ' \n')" >/dev/null
  fi
  kube -n "$STORE_NAMESPACE" rollout status deployment/redis --timeout 180s >/dev/null
}

# redis_secret NAMESPACE [NAME]: lets a namespace's pods read and write that Redis.
redis_secret() {
  kube -n "$1" create secret generic "${2:-redis}" --dry-run=client -o yaml \
    --from-literal "host=redis.$STORE_NAMESPACE.svc" --from-literal port=6379 \
    --from-literal "password=$(kube -n "$STORE_NAMESPACE" get secret redis-key -o 'go-template={{.data.password | base64decode}}')" |
    kube apply -f - >/dev/null
}

cluster_ip() { kube -n "$1" get service "$2" -o jsonpath='{.spec.clusterIP}'; }

# reach_store: a URL at which this machine reaches the store. Our own cluster's
# service addresses are routed here; another's are reached through its API server.
reach_store() {
  if [[ ${#CLUSTER_ARGS[@]} -eq 0 ]]; then
    printf 'http://%s\n' "$(cluster_ip "$STORE_NAMESPACE" s3)"
  else
    forward port-forward -n "$STORE_NAMESPACE" service/s3 :80
  fi
}

# reach_service NAMESPACE SERVICE: likewise for a service, balanced per request.
reach_service() {
  if [[ ${#CLUSTER_ARGS[@]} -eq 0 ]]; then
    printf 'http://%s\n' "$(cluster_ip "$1" "$2")"
  else
    printf '%s/api/v1/namespaces/%s/services/%s:http/proxy\n' "$(forward proxy --port=0)" "$1" "$2"
  fi
}

# forward KUBECTL-ARGS...: keeps kubectl running in the background and prints the
# URL it serves; forwards_end ends what was started.
FORWARDS=$(mktemp)
forward() {
  local output
  output=$(mktemp)
  # Detached from our stdout, which the caller reads to its end.
  "$KUBECTL" --kubeconfig "$KUBECONFIG" "$@" >"$output" 2>&1 </dev/null &
  printf '%s\n' $! >>"$FORWARDS"
  for _ in {1..100}; do
    if grep -Eo '127\.0\.0\.1:[0-9]+' "$output" | head -n 1 | sed 's#^#http://#' | grep .; then
      rm -f "$output"
      return 0
    fi
    sleep 0.1
  done
  die "kubectl $* to serve" "$(cat "$output")"
}

forwards_end() {
  local pid
  while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$FORWARDS"
  rm -f "$FORWARDS"
}

# chart_install: the chart as it is shipped. Images keep their tag
# when they are rebuilt: the digest of the operator's makes its pod a new one.
chart_install() {
  local helm tar=$HACK_DIR/../images/operator/target/operator.tar
  helm=$("$HACK_DIR/tools" helm)
  if [[ -n $("$helm" list -n "$RELEASE_NAMESPACE" --pending --short 2>/dev/null) ]]; then
    log "an installation that was cut off is taken away first"
    "$helm" uninstall tatara -n "$RELEASE_NAMESPACE" --wait >/dev/null
  fi
  kube create namespace "$RELEASE_NAMESPACE" --dry-run=client -o yaml | kube apply -f - >/dev/null
  kube label namespace "$RELEASE_NAMESPACE" pod-security.kubernetes.io/enforce=restricted --overwrite >/dev/null
  local registry=()
  if [[ ${#CLUSTER_ARGS[@]} -gt 0 && -n ${TATARA_REGISTRY:-} ]]; then
    registry=(--set "image.operator.repository=$TATARA_REGISTRY/operator" --set "image.runtime.repository=$TATARA_REGISTRY/runtime"
      --set "image.steps.repository=$TATARA_REGISTRY/steps" --set image.pullPolicy=Always)
  fi
  TATARA_INSTALLED_AT=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  export TATARA_INSTALLED_AT
  "$helm" upgrade --install tatara "$HACK_DIR/../charts/tatara" -n "$RELEASE_NAMESPACE" --wait --timeout 4m \
    --set artifactStore.uri=s3://tatara/artifacts --set "artifactStore.endpoint=$STORE_ENDPOINT" --set alerts.enabled=true \
    --set traffic.gatewayApi.enabled=true \
    --set-string "operator.podAnnotations.tatara\.dev/image=$(sha256sum "$tar" | cut -c1-16)" \
    "${registry[@]}" >/dev/null || die "the chart to install" "$(chart_trouble)" "the operator's log and events are above"
}

chart_trouble() {
  kube -n "$RELEASE_NAMESPACE" get pods,events 2>&1 || true
  kube -n "$RELEASE_NAMESPACE" logs deployment/tatara-operator --tail 60 2>&1 || true
}

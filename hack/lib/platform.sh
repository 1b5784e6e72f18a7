# shellcheck shell=bash
# Sourced after common.sh by hack/demo, hack/verify and bench/: what every one of
# them needs to stand on. A cluster, the images in it, an S3 store, the chart.

STORE_NAMESPACE=tatara-store
STORE_ENDPOINT=http://s3.$STORE_NAMESPACE.svc
RELEASE_NAMESPACE=tatara-system
KUBECTL=

kube() { "$KUBECTL" --kubeconfig "$KUBECONFIG" "$@"; }

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

images_load() {
  local tars
  mapfile -t tars < <(image_tars operator runtime steps s3proxy)
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

cluster_ip() { kube -n "$1" get service "$2" -o jsonpath='{.spec.clusterIP}'; }

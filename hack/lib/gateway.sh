# shellcheck shell=bash
# Sourced after platform.sh: a Gateway on the cluster. Envoy Gateway takes long to build the first time.

GATEWAY_NAMESPACE=envoy-gateway-system

# gateway_up: Envoy Gateway by its own chart, and the GatewayClass `envoy`, whose Gateways are reached inside the
# cluster. Needs a cluster of ours: images are loaded into its containerd.
gateway_up() {
  local tool helm scratch
  tool=$("$HACK_DIR/tools" envoy-gateway)
  helm=$("$HACK_DIR/tools" helm)
  gateway_images "$tool"
  scratch=$(mktemp -d)
  # The chart's values are a template of its own build.
  cp -r "$tool/charts/gateway-helm" "$scratch/chart"
  sed -e "s#\${GatewayImage}#tatara.dev/envoy-gateway:$ENVOY_GATEWAY_VERSION#" -e "s#\${GatewayImagePullPolicy}#IfNotPresent#" \
    "$scratch/chart/values.tmpl.yaml" >"$scratch/chart/values.yaml"
  "$helm" upgrade --install envoy-gateway "$scratch/chart" -n "$GATEWAY_NAMESPACE" --create-namespace --wait --timeout 5m \
    --set topologyInjector.enabled=false --set certgen.job.ttlSecondsAfterFinished=600 \
    --set "config.envoyGateway.provider.kubernetes.shutdownManager.image=tatara.dev/envoy-gateway:$ENVOY_GATEWAY_VERSION" \
    >/dev/null || die "Envoy Gateway to install" "$(kube -n "$GATEWAY_NAMESPACE" get pods,events 2>&1 || true)" "see above"
  rm -rf "$scratch"
  sed "s/\${ENVOY_VERSION}/$ENVOY_VERSION/" "$HACK_DIR/lib/platform/gateway.yaml" | kube apply --server-side -f - >/dev/null
}

# Of each program an image with the libraries that it is linked with, if any.
gateway_images() { # FOLDER
  local folder=$HACK_DIR/../images/gateway/target
  mkdir -p "$folder"
  if [[ ! -f $folder/envoy-gateway-$ENVOY_GATEWAY_VERSION.tar ]]; then
    "$HACK_DIR/lib/oci-tar" --output "$folder/envoy-gateway-$ENVOY_GATEWAY_VERSION.tar" --name "tatara.dev/envoy-gateway:$ENVOY_GATEWAY_VERSION" \
      --env PATH=/usr/local/bin --entrypoint envoy-gateway "$1/envoy-gateway:/usr/local/bin/envoy-gateway"
  fi
  if [[ ! -f $folder/envoy-$ENVOY_VERSION.tar ]]; then
    local library libraries=()
    while read -r library; do libraries+=("$(realpath "$library"):$library"); done < <(
      ldd "$1/envoy" | awk '$2 == "=>" { print $3 } $1 ~ "^/.*ld-linux" { print $1 }' | sort -u
    )
    "$HACK_DIR/lib/oci-tar" --output "$folder/envoy-$ENVOY_VERSION.tar" --name "tatara.dev/envoy:$ENVOY_VERSION" \
      --env PATH=/usr/local/bin --entrypoint envoy "$1/envoy:/usr/local/bin/envoy" "${libraries[@]}"
  fi
  "$HACK_DIR/cluster" load-image "$folder/envoy-gateway-$ENVOY_GATEWAY_VERSION.tar" "$folder/envoy-$ENVOY_VERSION.tar"
}

# shellcheck shell=bash
# `--context NAME`: a cluster that somebody else runs takes the place of ours.

context_kubeconfig() { printf '%s\n' "$(state_dir)/contexts/${CONTEXT//\//_}.kubeconfig"; }

# A copy of that context alone, so that nothing here writes the user's own file.
write_context_kubeconfig() {
  local file content
  file=$(context_kubeconfig)
  mkdir -p "${file%/*}"
  content=$("$KUBECTL" config view --raw --minify --flatten --context "$CONTEXT" 2>&1) ||
    die "a context '$CONTEXT' in KUBECONFIG or ~/.kube/config" "$content" "kubectl config get-contexts"
  (
    umask 077
    printf '%s\n' "$content" >"$file"
  )
}

existing_up() {
  local output
  write_context_kubeconfig
  output=$("$KUBECTL" --kubeconfig "$(context_kubeconfig)" get --raw=/readyz --request-timeout=20s 2>&1) ||
    die "the cluster of context '$CONTEXT' to answer" "$output"
  log "context $CONTEXT is reached"
}

# Prints the name each image has in the registry.
existing_load_image() { # TAR
  local name target
  if [[ $CONTEXT == kind-* ]] && command -v kind >/dev/null; then
    kind load image-archive "$1" --name "${CONTEXT#kind-}" >&2
    return
  fi
  [[ -n ${TATARA_REGISTRY:-} ]] || die "TATARA_REGISTRY, a registry from which the cluster of context '$CONTEXT' pulls" "unset" \
    "export TATARA_REGISTRY=registry.example.com/team"
  command -v skopeo >/dev/null || apt_ensure skopeo
  while read -r name; do
    target=$TATARA_REGISTRY/${name##*/}
    skopeo copy --quiet ${TATARA_REGISTRY_INSECURE:+--dest-tls-verify=false} "docker-archive:$1:$name" "docker://$target" >&2
    printf '%s\n' "$target"
  done < <(python3 -c '
import json, sys, tarfile
with tarfile.open(sys.argv[1]) as archive:
    for image in json.load(archive.extractfile("manifest.json")):
        print(*image["RepoTags"], sep="\n")' "$1")
}

# shellcheck shell=bash
# Images into the node's containerd, from tars.

# What was loaded is remembered by the tar's digest and by each image's name: a
# tar is skipped only while all its names still mean that tar.
is_loaded() { # DIGEST
  local name
  [[ -s $CLUSTER_DIR/images/$1 ]] || return 1
  while read -r name; do
    [[ $(cat "$CLUSTER_DIR/images/${name//\//%}" 2>/dev/null) == "$1" ]] || return 1
  done <"$CLUSTER_DIR/images/$1"
}

load_image() { # TAR
  local tar=$1 digest output name names
  [[ -r $tar ]] || die "an image's tar (docker-archive or OCI layout)" "nothing to read at '$tar'"
  digest=$(sha256sum "$tar" | cut -c1-64)
  mkdir -p "$CLUSTER_DIR/images"
  (
    flock 7
    if is_loaded "$digest"; then
      log "already loaded: ${tar##*/} ($(paste -sd' ' "$CLUSTER_DIR/images/$digest"))"
      exit 0
    fi
    # From stdin: the node sees its own /var/lib and /run, not the host's.
    output=$(node_ctr images import --snapshotter "$(snapshotter)" - <"$tar" 2>&1) ||
      die "containerd to import $tar" "$output" "make it a docker-archive or an OCI layout with names"
    mapfile -t names < <(sed -n 's/^unpacking \([^ ]*\) .*/\1/p' <<<"$output")
    [[ ${#names[@]} -gt 0 ]] || die "an image with a name in $tar" "${output:-nothing}" \
      "give it one: RepoTags in a docker-archive, io.containerd.image.name in an OCI layout"
    printf '%s\n' "${names[@]}" >"$CLUSTER_DIR/images/$digest"
    for name in "${names[@]}"; do printf '%s\n' "$digest" >"$CLUSTER_DIR/images/${name//\//%}"; done
    log "loaded ${names[*]}"
  ) 7>"$CLUSTER_DIR/images/.lock"
}

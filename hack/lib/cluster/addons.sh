# shellcheck shell=bash
# What makes a bare node a cluster: system images, DNS, metrics.

# image_archive NAME VERSION-KEY COMMAND...: prints the path of an image's tar in
# the cache; COMMAND makes it, given the path to write as its last argument.
image_archive() {
  local tar
  tar=$(cache_dir)/images/$1-$2.tar
  shift 2
  if [[ ! -e $tar ]]; then
    mkdir -p "$(cache_dir)/images"
    "$@" "$tar.$$.new"
    mv "$tar.$$.new" "$tar"
  fi
  printf '%s\n' "$tar"
}

make_binary_image() { # IMAGE BINARY TAR
  "$HACK_DIR/lib/oci-tar" --output "$3" --name "$1" --entrypoint "/${2##*/}" "$2:/${2##*/}"
}

# A shell for tests, with every applet of busybox.
# (Its wget dies of -T: wrap it in `timeout` instead.)
make_busybox_image() { # IMAGE TAR
  local root applet
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,etc} "$root/tmp"
  chmod 1777 "$root/tmp"
  cp /bin/busybox "$root/bin/busybox"
  while read -r applet; do ln -s busybox "$root/bin/$applet"; done < <(/bin/busybox --list | grep -vx busybox)
  printf 'root:x:0:0::/:/bin/sh\nnonroot:x:65532:65532::/tmp:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
  "$HACK_DIR/lib/oci-tar" --output "$2" --name "$1" --env PATH=/bin --cmd /bin/sh "$root:/"
  rm -rf "$root"
}

# binary_archive IMAGE BINARY: the cache's folder name tells the build apart.
binary_archive() {
  local build=${2%/*}
  build=${build##*/}
  image_archive "${2##*/}" "${build#"${2##*/}"-}" make_binary_image "$1" "$2"
}

system_archives() { # PAUSE COREDNS METRICS-SERVER
  binary_archive "$PAUSE_IMAGE" "$1"
  binary_archive "$COREDNS_IMAGE" "$2"
  binary_archive "$METRICS_SERVER_IMAGE" "$3"
  image_archive busybox "$(dpkg-query -W -f '${Version}' busybox-static | tr -c 'a-z0-9.\n' -)" make_busybox_image "$BUSYBOX_IMAGE"
}

apply_manifest() { # NAME
  sed -e "s|@COREDNS_IMAGE@|$COREDNS_IMAGE|; s|@METRICS_SERVER_IMAGE@|$METRICS_SERVER_IMAGE|; s|@DNS_ADDRESS@|$DNS_ADDRESS|" \
    "$HACK_DIR/lib/cluster/manifests/$1.yaml" | cluster_kubectl apply --server-side --force-conflicts -f - >/dev/null
}

addons_are_ready() {
  [[ $(cluster_kubectl -n kube-system get deployment coredns metrics-server \
    -o 'jsonpath={.items[*].status.readyReplicas}' 2>/dev/null) == "1 1" ]] &&
    [[ $(cluster_kubectl get apiservice v1beta1.metrics.k8s.io \
      -o 'jsonpath={.status.conditions[?(@.type=="Available")].status}' 2>/dev/null) == True ]]
}

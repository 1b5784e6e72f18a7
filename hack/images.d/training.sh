# shellcheck shell=bash
# Sourced by hack/images: trains the AOT caches of JDK 25. An app runs once in
# its own image, unpacked, so that JDK, flags, paths and file times are what they
# will be in a pod; what it loaded and linked becomes /app/app.aot.

readonly run_image="$HACK_DIR/images.d/rootfs"

can_train() { # NAME
  declare -F "train_$1" >/dev/null
}

train() { # NAME
  local target=images/$1/target output
  output=$(realpath "$target")/training
  "$run_image" unpack "$target/$1.tar" "$target/rootfs"
  rm -rf "$output"
  mkdir -p "$output"
  chown 10001:10001 "$output"
  if ! "train_$1" "$target/rootfs" "$output" >"$target/training.log" 2>&1 || [[ ! -s $output/app.aot ]]; then
    die "an AOT cache of $1" "$(tail -n 15 "$target/training.log")" "see $target/training.log, or build with --no-aot"
  fi
  mv "$output/app.aot" "$target/layers/aot/app.aot"
  chmod 0644 "$target/layers/aot/app.aot"
  rm -rf "$output" "$target/rootfs"
}

# The image's own flags but for the one that names the cache.
record() { # ROOTFS OUTPUT [OPTION...]
  local rootfs=$1 output=$2
  shift 2
  "$run_image" run "$rootfs" --without -XX:AOTCache= --java -XX:AOTCacheOutput=/training/app.aot \
    --volume "$output:/training" "$@"
}

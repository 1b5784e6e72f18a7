# shellcheck shell=bash
# What several commands of bench/ do. Sourced after hack/lib/common.sh.

# packaged MODULE FILE: builds MODULE, and what it needs, unless FILE is there and newer than the sources.
packaged() {
  local sources=("$HACK_DIR/../$1/src/main" "$HACK_DIR"/../libs/*/src/main "$HACK_DIR/../crds/src/main")
  if [[ ! -f $2 || -n $(find "${sources[@]}" -newer "$2" -type f -print -quit) ]]; then
    (cd "$HACK_DIR/.." && nice ./mvnw -q -B -ntp package -pl "$1" -am -DskipTests >&2)
    touch "$2"
  fi
}

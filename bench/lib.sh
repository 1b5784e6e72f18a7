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

# read_options "--WITH --VALUE" "--WITHOUT" ARGUMENT...: puts the arguments into the array of that name; usage where one is unknown.
read_options() {
  local valued=" $1 " plain=" $2 "
  shift 2
  arguments=()
  while [[ $# -gt 0 ]]; do
    case $valued/$plain in
      *" $1 "*/*) arguments+=("$1" "${2:?a value for $1}") && shift 2 ;;
      */*" $1 "*) arguments+=("$1") && shift ;;
      *) usage ;;
    esac
  done
}

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

# runtime_bench CLASS [-DNAME=VALUE...]: runs a bench of inference-runtime's tests; built before by build_runtime_bench.
runtime_bench() {
  local class=$1 module=$HACK_DIR/../inference-runtime
  shift
  ORT_DISABLE_TELEMETRY=1 "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -Xmx1g \
    -Dtatara.onnxruntime.library="$module/target/native/libonnxruntime.so" \
    -Dtatara.test.models="$HACK_DIR/../libs/onnx/src/test/resources/models" \
    -Dtatara.test.application="$module/target/quarkus-app/quarkus-run.jar" "$@" \
    -cp "$module/target/test-classes:$module/target/classes:$(<"$runtime_classpath")" \
    "dev.tatara.runtime.it.$class" 2> >(grep -v '^SLF4J\|^WARNING' >&2)
}

# build_tests MODULE FILE: builds MODULE and its tests, and what they need; FILE takes their class path without MODULE.
build_tests() {
  # Of the modules that are built the last one is MODULE: its class path is the one that stays.
  (cd "$HACK_DIR/.." && nice ./mvnw -q -B -ntp package -pl "$1" -am -DskipTests dependency:build-classpath \
    -Dmdep.outputFile="$2" -Dmdep.includeScope=test >&2)
}

# build_runtime_bench FILE: builds inference-runtime and its tests; FILE takes what they need.
build_runtime_bench() {
  runtime_classpath=$1
  build_tests inference-runtime "$1"
}

# measured_on: one line about the machine, for the end of a result.
measured_on() {
  printf 'Measured on %s cores, %s, load %s when it began; medians of rounds; written by %s.\n' \
    "$(nproc)" "$(uname -sm)" "$(cut -d' ' -f1 /proc/loadavg)" "$1"
}

# keep_tables NAME TITLE: the tables that come in, as bench/results/NAME.md and between the marks of docs/performance.md.
# Needs hack/lib/python.sh.
keep_tables() {
  PYTHONDONTWRITEBYTECODE=1 "$(find_python 3.11 3.14)" "$HACK_DIR/../bench/measuring.py" "$@"
}

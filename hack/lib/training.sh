# shellcheck shell=bash
# Sourced after common.sh by hack/demo and bench: the Python that trains the demo's
# models, in a virtual environment in the cache.

is_suitable_python() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

# Prints a Python that scikit-learn's fixed version runs on.
find_python() {
  local python
  for python in python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.10 python3.9; do
    if is_suitable_python "$python"; then
      printf '%s\n' "$python"
      return 0
    fi
  done
  apt_ensure python3 python3-venv
  is_suitable_python /usr/bin/python3 ||
    die "Python 3.9 to 3.13 with its venv module" "$(python3 --version 2>&1 || true)" "install one, for example python3.12 and python3.12-venv"
  printf '/usr/bin/python3\n'
}

# Prints the folder of a virtual environment with the fixed versions.
training_environment() {
  local python target
  python=$(find_python)
  target=$(cache_dir)/demo/venv-$({ "$python" --version && cat "$HACK_DIR/demo.d/requirements.txt"; } | sha256sum | cut -c1-12)
  if [[ ! -e $target/complete ]]; then
    log "installing scikit-learn and skl2onnx into $target"
    rm -rf "$target"
    mkdir -p "$(cache_dir)/demo"
    { "$python" -m venv "$target" && "$target/bin/pip" install --quiet --disable-pip-version-check -r "$HACK_DIR/demo.d/requirements.txt"; } >&2 ||
      die "pip to install $HACK_DIR/demo.d/requirements.txt" "an error, above"
    touch "$target/complete"
  fi
  printf '%s\n' "$target"
}

# shellcheck shell=bash
# Sourced after common.sh: a Python, and virtual environments in the cache.

_is_python() { # PYTHON LOWEST HIGHEST, each as in 3.11
  "$1" -c 'import sys, venv, ensurepip
low, high = (tuple(map(int, v.split("."))) for v in sys.argv[1:])
sys.exit(not low <= sys.version_info[:2] <= high)' "$2" "$3" 2>/dev/null
}

# find_python LOWEST HIGHEST: prints a Python of these minor versions.
find_python() {
  local python
  for python in python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.10 python3.9; do
    if _is_python "$python" "$1" "$2"; then
      printf '%s\n' "$python"
      return 0
    fi
  done
  apt_ensure python3 python3-venv
  _is_python /usr/bin/python3 "$1" "$2" ||
    die "Python $1 to $2 with its venv module" "$(python3 --version 2>&1 || true)" "install one, for example python3.12 and python3.12-venv"
  printf '/usr/bin/python3\n'
}

# python_environment PARENT PYTHON REQUIREMENTS [PIP-OPTION...]: prints the folder of a
# virtual environment under PARENT with just these requirements. Those who want the same
# one wait for each other, and it is taken for whole only when it is.
python_environment() {
  local parent=$1 python=$2 requirements=$3 target
  shift 3
  target=$parent/venv-$({ "$python" --version && cat "$requirements"; } | sha256sum | cut -c1-12)
  mkdir -p "$parent"
  (
    flock 7
    if [[ ! -e $target/complete ]]; then
      log "installing $requirements into $target"
      rm -rf "$target"
      { "$python" -m venv "$target" && "$target/bin/pip" install --quiet --disable-pip-version-check "$@" -r "$requirements"; } >&2 ||
        die "pip to install $requirements" "an error, above"
      touch "$target/complete"
    fi
  ) 7>"$parent/.venv.lock"
  printf '%s\n' "$target"
}

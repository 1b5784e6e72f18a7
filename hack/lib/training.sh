# shellcheck shell=bash
# Sourced after common.sh by hack/demo and bench: the Python that trains the demo's
# models, in a virtual environment in the cache.

# shellcheck source=hack/lib/python.sh
. "$HACK_DIR/lib/python.sh"

# Prints the folder of a virtual environment with the fixed versions.
training_environment() {
  local python
  python=$(find_python 3.10 3.13)
  python_environment "$(cache_dir)/demo" "$python" "$HACK_DIR/demo.d/requirements.txt"
}

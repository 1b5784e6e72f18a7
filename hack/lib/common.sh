# shellcheck shell=bash
# Sourced by the scripts under hack/: messages, timing, packages, folders.
# The sourcing script sets `set -euo pipefail` itself.

HACK_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export HACK_DIR
# shellcheck source=hack/versions.env
. "$HACK_DIR/versions.env"

_started=${EPOCHREALTIME/[.,]/}
_step_name=
_step_started=$_started
_steps=()

_tenths() { printf '%d.%d' $(($1 / 1000000)) $(($1 % 1000000 / 100000)); }

# Messages go to stderr: stdout belongs to what a script prints for others.
log() { printf '[%6ss] %s\n' "$(_tenths $((${EPOCHREALTIME/[.,]/} - _started)))" "$*" >&2; }

# die WHAT-WAS-EXPECTED [WHAT-WAS-FOUND [WHAT-TO-DO]]
die() {
  printf 'error: %s\n' "$1" >&2
  if [[ -n ${2:-} ]]; then printf '  found: %s\n' "$2" >&2; fi
  if [[ -n ${3:-} ]]; then printf '  to do: %s\n' "$3" >&2; fi
  exit 1
}

# usage: what stands at the head of the script that was called, up to its first command.
usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[-1]}" >&2
  exit 2
}

# step NAME: closes the step before it and starts the next.
step() {
  step_end
  _step_name=$1
  _step_started=${EPOCHREALTIME/[.,]/}
  log "$1"
}

step_end() {
  if [[ -n $_step_name ]]; then
    _steps+=("$((${EPOCHREALTIME/[.,]/} - _step_started)) $_step_name")
    _step_name=
  fi
}

# step_summary: where the time went, slowest first.
step_summary() {
  step_end
  [[ ${#_steps[@]} -gt 0 ]] || return 0
  printf 'where the time went (%ss in all):\n' "$(_tenths $((${EPOCHREALTIME/[.,]/} - _started)))" >&2
  local took name
  printf '%s\n' "${_steps[@]}" | sort -rn | while read -r took name; do
    printf '%8ss  %s\n' "$(_tenths "$took")" "$name" >&2
  done
}

cache_dir() { printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/tatara"; }
state_dir() { printf '%s\n' "${XDG_STATE_HOME:-$HOME/.local/state}/tatara"; }

need_root() {
  [[ $EUID -eq 0 ]] || die "${1:-this command} needs root" "user $(id -un)" "run it with sudo -E, or as root"
}

# need_command COMMAND PACKAGE-OR-ADVICE
need_command() {
  command -v "$1" >/dev/null || die "the command $1 on PATH" "none" "$2"
}

_apt_missing() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
  done
}

# apt_ensure PACKAGE...: installs those that are missing and starts none of
# their services.
apt_ensure() {
  command -v dpkg-query >/dev/null || die "a Debian-like machine" "no dpkg" "install by hand: $*"
  local missing
  mapfile -t missing < <(_apt_missing "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  need_root "installing ${missing[*]}"
  log "installing ${missing[*]}"
  mkdir -p "$(cache_dir)"
  (
    flock 8
    local policy=/usr/sbin/policy-rc.d output
    if [[ ! -e $policy ]]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod 0755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    local install=(apt-get install -y -q --no-install-recommends -o "DPkg::Lock::Timeout=600" "${missing[@]}")
    if ! output=$("${install[@]}" 2>&1); then
      # Package lists that are absent or old: fetch them once and try again.
      output=$(apt-get update -q -o "DPkg::Lock::Timeout=600" 2>&1 && "${install[@]}" 2>&1) ||
        die "apt-get to install ${missing[*]}" "$(tail -n 5 <<<"$output")" "install them by hand and run this again"
    fi
  ) 8>"$(cache_dir)/apt.lock"
}

_is_jdk() {
  [[ -x $1/bin/javac && -r $1/release ]] && grep -Eq "^JAVA_VERSION=\"$JDK_VERSION([.+\"-]|\$)" "$1/release"
}

# find_jdk25: sets JAVA_HOME to a JDK of the version the project is built with.
find_jdk25() {
  local home
  for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
    "$HOME"/.local/share/mise/installs/java/* "$HOME"/.asdf/installs/java/* /opt/*jdk* /opt/java/*; do
    if _is_jdk "$home"; then
      export JAVA_HOME=$home
      return 0
    fi
  done
  die "a JDK $JDK_VERSION" "JAVA_HOME=${JAVA_HOME:-(unset)}, and none of that version under /usr/lib/jvm, SDKMAN, ~/.jdks, /opt" \
    "install openjdk-$JDK_VERSION-jdk-headless or temurin-$JDK_VERSION-jdk (or 'sdk install java $JDK_VERSION-tem'), or set JAVA_HOME"
}

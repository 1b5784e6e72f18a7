# shellcheck shell=bash
# The node: a cgroup, and PID, mount and network namespaces, held by one init
# process. Whatever runs in it dies with that process, and mounts, interfaces
# and iptables rules go with the namespaces: the machine itself sees none of
# them.

cgroup_roots() { awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts | sort -u; }

# Processes join a leaf of their own: on cgroup v2 the level above may hold none.
join_cgroup() {
  local root
  while read -r root; do
    mkdir -p "$root/$CGROUP/node"
    case ${root##*/} in
      cpuset | hugetlb | devices | net_* | perf_event | rdma | misc) ;; # v1 controllers that count or limit nothing here
      *) echo "$BASHPID" >"$root/$CGROUP/node/cgroup.procs" ;;
    esac
  done < <(cgroup_roots)
}

# Every process of the cluster. Only what this script started is ever in its
# cgroup, so a recycled process id can't be mistaken for one of them.
cluster_processes() {
  local root
  while read -r root; do
    [[ ! -d $root/$CGROUP ]] || find "$root/$CGROUP" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done < <(cgroup_roots) | sort -un | grep -vx 0 || true
}

# init_pid: the node's first process, if it lives.
init_pid() {
  local pid
  pid=$(cat "$CLUSTER_DIR/init.pid" 2>/dev/null) || return 1
  grep -q ":/$CGROUP/node\$" "/proc/$pid/cgroup" 2>/dev/null || return 1
  # One that is ending has given up its namespaces already.
  readlink "/proc/$pid/ns/net" >/dev/null || return 1
  printf '%s\n' "$pid"
}

need_node() { init_pid >/dev/null || die "a running cluster '$CLUSTER'" "none" "hack/cluster up"; }

# in_node COMMAND...: runs it in the node's namespaces.
in_node() {
  local pid
  pid=$(init_pid) || return 1
  nsenter -t "$pid" -m -n -p -- "$@"
}

in_network() {
  local pid
  pid=$(init_pid) || return 1
  nsenter -t "$pid" -n -- "$@"
}

# What init does before it becomes the reaper: the node's own view of the file
# system. kubelet would set some of the machine's sysctls; it finds them set.
# shellcheck disable=SC2016 # expanded by the inner shell
readonly node_file_system='
set -eu
mount -t proc proc /proc
mount -t tmpfs -o mode=0755,size=64m tmpfs /run
mkdir -p /run/lock /run/tatara/bin /run/tatara/pids /run/tatara/sysctl
mount --bind "$1" /run/tatara/bin
cp "$2" /run/tatara/init
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  name=${setting%=*}
  file=/run/tatara/sysctl/$(echo "$name" | tr / .)
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/$name"
done
mount --bind "$3" /var/lib
mount --bind "$4" /var/log
mount --make-rshared /
cd /
exec /run/tatara/init
'

start_node() { # KUBERNETES-FOLDER PAUSE-BINARY
  local launcher child=
  mkdir -p "$NODE_LIB" "$NODE_LOG"
  (
    join_cgroup
    exec setsid unshare --mount --net --pid --fork --propagation private \
      bash -c "$node_file_system" node "$1" "$2" "$NODE_LIB" "$NODE_LOG"
  ) </dev/null >"$NODE_LOG/node.log" 2>&1 9>&- &
  launcher=$!
  for _ in {1..200}; do
    child=$(cat "/proc/$launcher/task/$launcher/children" 2>/dev/null || true)
    child=${child%% *}
    if [[ -n $child && $(cat "/proc/$child/comm" 2>/dev/null) == init ]]; then
      printf '%s\n' "$child" >"$CLUSTER_DIR/init.pid"
      return 0
    fi
    [[ -d /proc/$launcher ]] || break
    sleep 0.05
  done
  die "the node's namespaces to come up" "$(cat "$NODE_LOG/node.log")"
}

start_network() {
  local pid
  pid=$(init_pid)
  printf '%s\n' "$NUMBER" >"$CLUSTER_DIR/number"
  ip link add "$HOST_LINK" type veth peer name eth0 netns "$pid"
  ip link set "$HOST_LINK" alias "$CGROUP"
  ip address add "$HOST_ADDRESS/30" dev "$HOST_LINK"
  ip link set "$HOST_LINK" up
  in_network sh -ec "
    ip link set lo up
    ip address add $NODE_ADDRESS/30 dev eth0
    ip link set eth0 up
    # For the node's own connections to services: any route will do, the
    # address is rewritten before a packet leaves.
    ip route add $SERVICE_CIDR via $HOST_ADDRESS"
  # shellcheck disable=SC2016 # expanded inside the node
  in_node sh -ec '
    echo 1 >/proc/sys/net/ipv4/ip_forward
    file=/proc/sys/net/bridge/bridge-nf-call-iptables
    [ ! -e $file ] || echo 1 >$file'
  ip route add "$POD_CIDR" via "$NODE_ADDRESS" dev "$HOST_LINK"
  ip route add "$SERVICE_CIDR" via "$NODE_ADDRESS" dev "$HOST_LINK"
}

# start_process NAME COMMAND...: in the node, in the background, its output in
# NAME.log.
start_process() {
  (
    join_cgroup
    # shellcheck disable=SC2016 # expanded inside the node
    in_node sh -c '
      name=$1
      shift
      exec >>"/var/log/$name.log" 2>&1 </dev/null
      setsid "$@" &
      echo $! >"/run/tatara/pids/$name"' node "$@"
  ) 9>&-
}

# is_running NAME
is_running() {
  # shellcheck disable=SC2016 # expanded inside the node
  in_node sh -c '
    read -r pid <"/run/tatara/pids/$1" && read -r command <"/proc/$pid/comm" && [ "$command" = "$(printf %.15s "$1")" ]
  ' node "$1" 2>/dev/null
}

# stop_process NAME [SIGNAL]
stop_process() {
  is_running "$1" || return 0
  # shellcheck disable=SC2016 # expanded inside the node
  in_node sh -c 'read -r pid <"/run/tatara/pids/$1"; kill "-$2" "$pid"; while [ -d "/proc/$pid" ]; do sleep 0.05; done' \
    node "$1" "${2:-TERM}"
}

# remove_node: ends every process of the cluster and takes away what the host
# has of it. Right for a healthy cluster and for the remains of a crash alike.
remove_node() {
  local pid root
  if pid=$(init_pid); then kill -KILL "$pid" 2>/dev/null || true; fi
  for _ in {1..300}; do
    # Init takes the rest with it; this is for processes whose init was lost.
    mapfile -t processes < <(cluster_processes)
    [[ ${#processes[@]} -gt 0 ]] || break
    kill -KILL "${processes[@]}" 2>/dev/null || true
    sleep 0.1
  done
  [[ ${#processes[@]} -eq 0 ]] || die "all processes of cluster '$CLUSTER' to end" "still there: ${processes[*]}"
  remove_link
  while read -r root; do
    remove_cgroup "$root/$CGROUP"
  done < <(cgroup_roots)
  rm -rf --one-file-system "$CLUSTER_DIR"
  rmdir "$(state_dir)/cluster" "$(state_dir)" 2>/dev/null || true
}

# A group whose last process has just ended is busy for a moment longer.
remove_cgroup() {
  for _ in {1..100}; do
    [[ -d $1 ]] || return 0
    find "$1" -depth -type d -exec rmdir {} + 2>/dev/null && return 0
    sleep 0.05
  done
  die "the cgroup $1 to be removed" "it is busy" "see its cgroup.procs"
}

# The pair goes with the node's network, but that may outlive its processes for
# as long as the kernel tries to finish a connection.
remove_link() {
  local link
  for link in /sys/class/net/tatara[0-9]; do
    if [[ $(cat "$link/ifalias" 2>/dev/null) == "$CGROUP" ]]; then ip link delete "${link##*/}"; fi
  done
}

check_link_is_free() {
  [[ ! -e /sys/class/net/$HOST_LINK ]] ||
    die "no interface $HOST_LINK" "it is there, of cluster '$(sed s/^tatara-// "/sys/class/net/$HOST_LINK/ifalias")'" \
      "set TATARA_CLUSTER_NUMBER to another (0 to 9), or take that cluster down"
}

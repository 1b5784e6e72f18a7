# shellcheck shell=bash
# shellcheck disable=SC2034 # read by the scripts that source this
# Names, addresses and folders of one cluster. Several can run side by side:
# each needs its own TATARA_CLUSTER_NAME and TATARA_CLUSTER_NUMBER (0 to 9).

CLUSTER=${TATARA_CLUSTER_NAME:-tatara}
[[ $CLUSTER =~ ^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$ ]] ||
  die "TATARA_CLUSTER_NAME of lower-case letters, digits and dashes, at most 30" "'$CLUSTER'"

# On the host: everything of the cluster, gone after `down`.
CLUSTER_DIR=$(state_dir)/cluster/$CLUSTER
NODE_LIB=$CLUSTER_DIR/lib
NODE_LOG=$CLUSTER_DIR/log
KUBECONFIG_FILE=$CLUSTER_DIR/kubeconfig
AUDIT_LOG=$NODE_LOG/audit.log

# A cluster that is up keeps its number.
NUMBER=$(cat "$CLUSTER_DIR/number" 2>/dev/null || true)
if [[ -z $NUMBER ]]; then
  if [[ $CLUSTER == tatara ]]; then NUMBER=0; else NUMBER=1; fi
  NUMBER=${TATARA_CLUSTER_NUMBER:-$NUMBER}
fi
[[ $NUMBER =~ ^[0-9]$ ]] || die "TATARA_CLUSTER_NUMBER from 0 to 9" "'$NUMBER'"

NODE_ADDRESS=10.250.$NUMBER.1
HOST_ADDRESS=10.250.$NUMBER.2
SERVICE_CIDR=10.23$NUMBER.0.0/16
DNS_ADDRESS=10.23$NUMBER.0.10
POD_CIDR=10.24$NUMBER.0.0/16
HOST_LINK=tatara$NUMBER
CGROUP=tatara-$CLUSTER

# Inside the node: NODE_LIB is /var/lib and NODE_LOG is /var/log there, /run is
# its own, and the Kubernetes binaries are where BIN says.
BIN=/run/tatara/bin
PKI=/var/lib/kubernetes/pki
CONF=/var/lib/kubernetes

PAUSE_IMAGE=tatara.dev/pause:1
COREDNS_IMAGE=tatara.dev/coredns:$COREDNS_VERSION
METRICS_SERVER_IMAGE=tatara.dev/metrics-server:$METRICS_SERVER_VERSION
BUSYBOX_IMAGE=tatara.dev/busybox:dev

# In the order they start.
COMPONENTS=(etcd containerd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)

# shellcheck shell=bash
# What runs pods: containerd, CNI, kubelet, kube-proxy.

# overlayfs can't be stacked on itself (a host that is a container).
snapshotter() {
  if [[ $(stat -f -c %T "$NODE_LIB") == overlayfs ]]; then echo native; else echo overlayfs; fi
}

start_containerd() {
  mkdir -p "$NODE_LIB/cni/net.d" "$NODE_LIB/containerd"
  # restrict_oom_score_adj: without CAP_SYS_RESOURCE a lower score than init's
  # is refused, and runc gives up on the pod.
  cat >"$NODE_LIB/containerd/config.toml" <<EOF
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.tracing"]

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$(snapshotter)"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/var/lib/cni/net.d"
EOF
  cat >"$NODE_LIB/cni/net.d/10-bridge.conflist" <<EOF
{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
      "ipam": {"type": "host-local", "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
EOF
  start_process containerd containerd --config /var/lib/containerd/config.toml
}

containerd_is_ready() { node_ctr version >/dev/null 2>&1; }

node_ctr() { in_node ctr --namespace k8s.io "$@"; }

# The thresholds keep kubelet from evicting pods for the sake of a disk that is
# the developer's, not the cluster's.
start_kubelet() {
  mkdir -p "$NODE_LIB/kubelet"
  cat >"$NODE_LIB/kubelet/config.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $PKI/ca.crt}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
volumePluginDir: /var/lib/kubelet/volume-plugins
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
clusterDNS: [$DNS_ADDRESS]
clusterDomain: cluster.local
resolvConf: /dev/null
maxPods: 250
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 100Mi, imagefs.available: 100Mi}
EOF
  start_process kubelet "$BIN/kubelet" --config /var/lib/kubelet/config.yaml --kubeconfig "$CONF/kubelet.conf" \
    --hostname-override "$CLUSTER" --node-ip "$NODE_ADDRESS"
}

start_kube_proxy() {
  mkdir -p "$NODE_LIB/kube-proxy"
  cat >"$NODE_LIB/kube-proxy/config.yaml" <<EOF
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $CONF/kube-proxy.conf}
hostnameOverride: $CLUSTER
clusterCIDR: $POD_CIDR
conntrack: {maxPerCore: 0}
oomScoreAdj: 0
EOF
  start_process kube-proxy "$BIN/kube-proxy" --config /var/lib/kube-proxy/config.yaml
}

node_is_ready() {
  [[ $(cluster_kubectl get node "$CLUSTER" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == True ]]
}

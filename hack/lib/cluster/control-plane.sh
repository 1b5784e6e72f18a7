# shellcheck shell=bash
# Certificates, etcd, API server, controller manager, scheduler.

# kubeadm writes into the node's folders from outside, before there is a node.
make_certificates() { # KUBERNETES-FOLDER
  local kubeadm=$1/kubeadm config=$NODE_LIB/kubernetes/kubeadm.yaml pki=$NODE_LIB/kubernetes/pki output
  mkdir -p "$pki"
  cat >"$config" <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration: {name: $CLUSTER, criSocket: unix:///run/containerd/containerd.sock}
localAPIEndpoint: {advertiseAddress: $NODE_ADDRESS, bindPort: 6443}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v$KUBERNETES_VERSION
clusterName: $CLUSTER
certificatesDir: $pki
encryptionAlgorithm: ECDSA-P256
networking: {serviceSubnet: $SERVICE_CIDR, podSubnet: $POD_CIDR}
EOF
  output=$({
    "$kubeadm" init phase certs all --config "$config" &&
      "$kubeadm" init phase kubeconfig all --config "$config" --kubeconfig-dir "$NODE_LIB/kubernetes" &&
      "$kubeadm" kubeconfig user --config "$config" --client-name system:kube-proxy >"$NODE_LIB/kubernetes/kube-proxy.conf"
  } 2>&1) || die "kubeadm to make certificates" "$output"
  # One for people, with a context named after the cluster.
  (
    umask 077
    sed "s/kubernetes-admin@$CLUSTER/$CLUSTER/" "$NODE_LIB/kubernetes/admin.conf" >"$KUBECONFIG_FILE"
  )
}

write_audit_policy() {
  cat >"$NODE_LIB/kubernetes/audit-policy.yaml" <<EOF
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  nonResourceURLs: ["/healthz*", "/livez*", "/readyz*"]
- level: Metadata
EOF
}

# The data are thrown away with the cluster: no need to wait for the disk.
start_etcd() {
  start_process etcd etcd --name "$CLUSTER" --data-dir /var/lib/etcd --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster "$CLUSTER=http://127.0.0.1:2380" --auto-compaction-retention 1h \
    --quota-backend-bytes 4294967296
}

start_kube_apiserver() {
  start_process kube-apiserver "$BIN/kube-apiserver" \
    --advertise-address "$NODE_ADDRESS" --secure-port 6443 --etcd-servers http://127.0.0.1:2379 \
    --service-cluster-ip-range "$SERVICE_CIDR" --allow-privileged \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --client-ca-file "$PKI/ca.crt" \
    --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
    --kubelet-client-certificate "$PKI/apiserver-kubelet-client.crt" \
    --kubelet-client-key "$PKI/apiserver-kubelet-client.key" \
    --kubelet-preferred-address-types InternalIP \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$PKI/sa.pub" --service-account-signing-key-file "$PKI/sa.key" \
    --proxy-client-cert-file "$PKI/front-proxy-client.crt" --proxy-client-key-file "$PKI/front-proxy-client.key" \
    --requestheader-client-ca-file "$PKI/front-proxy-ca.crt" --requestheader-allowed-names front-proxy-client \
    --requestheader-extra-headers-prefix X-Remote-Extra- --requestheader-group-headers X-Remote-Group \
    --requestheader-username-headers X-Remote-User --enable-aggregator-routing \
    --audit-policy-file "$CONF/audit-policy.yaml" --audit-log-path /var/log/audit.log \
    --audit-log-maxsize 500 --audit-log-maxbackup 2 --profiling=false
}

# A short interval of the autoscaler spares tests the waiting.
start_kube_controller_manager() {
  start_process kube-controller-manager "$BIN/kube-controller-manager" \
    --kubeconfig "$CONF/controller-manager.conf" --authentication-kubeconfig "$CONF/controller-manager.conf" \
    --authorization-kubeconfig "$CONF/controller-manager.conf" --use-service-account-credentials \
    --bind-address 127.0.0.1 --leader-elect=false --root-ca-file "$PKI/ca.crt" --client-ca-file "$PKI/ca.crt" \
    --requestheader-client-ca-file "$PKI/front-proxy-ca.crt" \
    --cluster-signing-cert-file "$PKI/ca.crt" --cluster-signing-key-file "$PKI/ca.key" \
    --service-account-private-key-file "$PKI/sa.key" --cluster-name "$CLUSTER" \
    --allocate-node-cidrs --cluster-cidr "$POD_CIDR" --node-cidr-mask-size 16 \
    --service-cluster-ip-range "$SERVICE_CIDR" --flex-volume-plugin-dir /var/lib/kubelet/volume-plugins \
    --horizontal-pod-autoscaler-sync-period 5s --profiling=false
}

start_kube_scheduler() {
  start_process kube-scheduler "$BIN/kube-scheduler" \
    --kubeconfig "$CONF/scheduler.conf" --authentication-kubeconfig "$CONF/scheduler.conf" \
    --authorization-kubeconfig "$CONF/scheduler.conf" --bind-address 127.0.0.1 --leader-elect=false --profiling=false
}

api_is_ready() { cluster_kubectl get --raw=/readyz --request-timeout=5s >/dev/null 2>&1; }

# Before the administrators are bound, only the super-admin may ask.
api_is_ready_as_super_admin() { kube_as super-admin.conf get --raw=/readyz --request-timeout=5s >/dev/null 2>&1; }

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [[ $SECONDS -lt $until ]] || die "$what" "it is not so yet" "see the logs in $NODE_LOG"
    sleep 0.2
  done
}

# kubeadm's administrators get their right from this binding; its super-admin
# has it by group.
bind_administrators() {
  kube_as super-admin.conf create clusterrolebinding kubeadm:cluster-admins \
    --clusterrole cluster-admin --group kubeadm:cluster-admins >/dev/null
}

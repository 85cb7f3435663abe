# Sourced by test: installing, upgrading, taking away.
# shellcheck shell=bash

test_kustomize_base_is_accepted() {
  "$root/deploy/kustomize/render" --check
  kubectl apply --dry-run=server --server-side --force-conflicts -k "$root/deploy/kustomize/base"
}

test_upgraded_under_a_writer() {
  writer
  "$here/install" --set engine.logLevel=debug --set node.orphanGrace=23h --set controller.orphanGrace=2h \
    --set 'pools[1].name=spare' --set 'pools[1].path=/var/lib/ublk-csi/spare' --set-string 'pools[1].minFree=1Gi'
  within 60 has_pool spare
  goes_on
  "$here/install"
  within 60 has_no_pool spare
  goes_on
  stops_well
}

has_pool() { kubectl get ublkpools -o jsonpath='{.items[*].spec.pool}' | grep -w "$1"; }
has_no_pool() { ! has_pool "$1"; }

test_uninstalled_and_back() {
  claim data
  pod user data "$write_hello; sleep 600"
  is_running user
  ! uninstall || { echo "was uninstalled under a pod"; return 1; }
  grep -q "pod $ns/user" "$work/said"
  remove_pod user
  within 120 nothing_is_in_use
  uninstall
  grep 'PersistentVolumes are not in use' "$work/said"
  k get pvc/data
  kubectl get ublkvolumes
  "$here/install"
  pod reader data 'grep -x hello /data/hello'
  is_done reader
}

nothing_is_in_use() { # as the hook before helm uninstall sees it
  kubectl get ublkvolumes -o json | jq -e 'all(.items[]; .status.inUse != true)'
}

uninstall() {
  helm uninstall ublk-csi --namespace "$driver_ns" --wait --timeout "$(patience 180)s" > "$work/said" 2>&1 || {
    cat "$work/said"
    return 1
  }
  cat "$work/said"
}

# Sourced by test: installing, upgrading, taking away.
# shellcheck shell=bash

test_kustomize_base_is_accepted() {
  "$root/deploy/kustomize/render" --check
  kubectl apply --dry-run=server --server-side --force-conflicts -k "$root/deploy/kustomize/base"
}

test_upgraded_under_a_writer() {
  writer
  "$here/install" --set engine.logLevel=debug --set node.orphanGrace=23h --set controller.orphanGrace=2h
  goes_on
  "$here/install"
  goes_on
  stops_well
}

test_uninstalled_and_back() {
  claim data
  pod writer data "$write_hello"
  is_done writer
  remove_pod writer
  helm uninstall ublk-csi --namespace "$driver_ns" --wait
  k get pvc/data
  kubectl get ublkvolumes
  "$here/install"
  pod reader data 'grep -x hello /data/hello'
  is_done reader
}

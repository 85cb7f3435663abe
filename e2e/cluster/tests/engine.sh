# Sourced by test: what happens to the driver while a pod writes. No write may fail, every block read back is right.
# shellcheck shell=bash

# Writes and verifies in turns until /data/stop is there. fio ends with the first error, and with it the pod.
keep_writing='cd /tmp
  n=0
  until [ -e /data/stop ]; do
    fio --name=w --filename=/data/file --size=4M --rw=randwrite --bs=4k --iodepth=8 --ioengine=libaio --direct=1 \
      --verify=crc32c --verify_fatal=1 --rate_iops=${RATE:-400} --output=/tmp/fio || { cat /tmp/fio; exit 1; }
    n=$((n + 1))
    echo "round $n: $(grep -o "max=[^,]*" /tmp/fio | head -n 1)"
  done'

writer() { # a pod that writes, and has begun
  claim data 256Mi
  pod writer data "$keep_writing"
  is_running writer
  within 300 has_rounds 1
}

rounds() { k logs writer | grep -c '^round' || true; }
has_rounds() { [ "$(rounds)" -ge "$1" ]; }

goes_on() { # it writes on: two rounds more, and not one error
  within "${1:-300}" has_rounds $(($(rounds) + 2))
  is_equal Running "$(phase writer)" "the writing pod"
}

stops_well() {
  in_pod writer 'touch /data/stop'
  is_done writer
}

engines() { # the pids of the engines on the node, as its plugin sees them
  # shellcheck disable=SC2016 # for the shell there
  on_node 'for p in /proc/[0-9]*; do
    ! tr "\0" " " < $p/cmdline 2> /dev/null | grep -q "[U]blkCsi engine" || echo ${p#/proc/}
  done'
}

# Who serves holds the lock in the state directory; who waits for one stands behind an arrow.
serving() {
  local pid locked
  locked=$(on_node 'grep -v -e "->" /proc/locks')
  for pid in $(engines); do
    ! grep -qE " WRITE +$pid " <<< "$locked" || echo "$pid"
  done
}

# Nobody serves while the lock goes from one to the next.
find_serving() { # $serving: the one that does
  serving=$(serving)
  [[ $serving =~ ^[0-9]+$ ]]
}

kill_serving() {
  local serving
  within 120 find_serving || return
  echo "serving: $serving"
  on_node "kill -9 $serving"
}

test_engine_killed() {
  writer
  echo "engines: $(engines | tr '\n' ' ')"
  kill_serving
  goes_on
  stops_well
}

# As on a node whose kernel has neither ublk nor VDUSE.
test_scsi_disk_and_engine_killed() {
  local class=ublk-csi-tcmu
  kubectl get storageclass ublk-csi -o json | jq '.metadata = {name: "ublk-csi-tcmu"} | .parameters.frontend = "tcmu"' |
    kubectl apply -f -
  writer
  in_pod writer "grep '^/dev/sd.* /data ' /proc/mounts"
  kill_serving
  goes_on
  stops_well
}

test_engines_killed_both() {
  writer
  # shellcheck disable=SC2046 # a list of words
  on_node "kill -9 $(engines | tr '\n' ' ')"
  goes_on
  stops_well
}

rolled() { # DAEMONSET
  kubectl -n "$driver_ns" rollout status "daemonset/$1" --timeout="$(patience 300)s"
}

test_engine_rolled() {
  writer
  kubectl -n "$driver_ns" rollout restart daemonset/ublk-csi-engine
  rolled ublk-csi-engine
  goes_on
  stops_well
}

test_engine_rolled_to_a_missing_image() {
  writer
  kubectl -n "$driver_ns" set image daemonset/ublk-csi-engine '*=localhost/there-is-no-such-image:1'
  within 60 has_bad_pod
  sleep 20 # would the rollout go on nevertheless?
  kubectl -n "$driver_ns" get pods -l app.kubernetes.io/component=engine
  goes_on
  kubectl -n "$driver_ns" rollout undo daemonset/ublk-csi-engine
  rolled ublk-csi-engine
  goes_on
  stops_well
}

has_bad_pod() { kubectl -n "$driver_ns" get pods | grep -E 'ublk-csi-engine.*(ErrImage|ImagePull|Init:Err)'; }

test_node_plugin_rolled() {
  writer
  kubectl taint nodes --all --overwrite local.ublk-csi.io/not-ready=:PreferNoSchedule
  kubectl -n "$driver_ns" rollout restart daemonset/ublk-csi-node
  rolled ublk-csi-node
  within 60 has_no_taint
  goes_on
  stops_well
}

has_no_taint() { ! kubectl get nodes -o jsonpath='{.items[*].spec.taints[*].key}' | grep local.ublk-csi.io; }

test_sub_path_after_engine_killed() {
  claim data
  pod user data 'echo hello > /data/hello; sync; sleep 600' '' 'subPath: inner'
  is_running user
  kill_serving
  in_pod user 'grep -x hello /data/hello; echo more > /data/more; sync'
  remove_pod user
  pod reader data 'grep -x more /data/more' '' 'subPath: inner'
  is_done reader
}

# A while without an API server, and the engine dies meanwhile. The kill is prepared: nobody can be asked to do it then.
test_api_server_away() {
  writer
  local serving
  within 120 find_serving
  on_node "rm -f /tmp/killed; setsid sh -c 'sleep 20; kill -9 $serving && touch /tmp/killed' > /dev/null 2>&1 &"
  finish api-server
  sleep "${UBLK_CSI_AWAY:-60}"
  begin_again api-server
  within 120 kubectl get --raw /readyz
  within 120 on_node 'ls /tmp/killed'
  goes_on
  stops_well
}

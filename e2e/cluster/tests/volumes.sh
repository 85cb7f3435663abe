# Sourced by test: what a user does with volumes.
# shellcheck shell=bash

write_hello='echo hello > /data/hello; sync; df -k /data'

test_volume_keeps_its_data() {
  claim data
  is_equal Pending "$(k get pvc/data -o jsonpath='{.status.phase}')" "a claim without a pod"
  pod writer data "$write_hello"
  is_done writer
  remove_pod writer
  pod reader data 'grep -x hello /data/hello'
  is_done reader
  remove_pod reader
  local record
  record=$(kubectl get pv "$(volume_of data)" -o jsonpath='{.spec.csi.volumeHandle}')
  kubectl get ublkvolumes
  k delete pvc/data --timeout="$(patience 120)s"
  within 60 is_gone ublkvolume "$record"
}

is_gone() { # KIND NAME
  ! kubectl get "$1" "$2" -o name 2> /dev/null | grep -q .
}

test_space_comes_back() {
  local before
  before=$(pool_available)
  claim data 1Gi
  pod writer data 'dd if=/dev/urandom of=/data/file bs=1M count=300; sync'
  is_done writer
  within 120 has_less_space "$before"
  within 120 scheduler_knows_the_space
  echo "available before: $before, with 300 MiB written: $(pool_available)"
  remove_pod writer
  k delete pvc/data --timeout="$(patience 120)s"
  within 120 has_space "$before"
  within 120 scheduler_knows_the_space
}

has_less_space() { [ "$(pool_available)" -le $(($1 - 300000000)) ]; }

scheduler_knows_the_space() { # CSIStorageCapacity, within 32 MiB
  local told
  told=$(kubectl get csistoragecapacities -A -o json |
    jq -r --arg class "$class" '.items[] | select(.storageClassName == $class) | .capacity' |
    numfmt --from=auto | awk '{sum += $1} END {printf "%.0f\n", sum}')
  told=$((told - $(pool_available)))
  [ "${told#-}" -lt $((32 << 20)) ]
}

pool_available() { kubectl get ublkpools -o json | jq '[.items[].status.availableBytes] | add'; }

has_space() { # BYTES: as much as before, within 32 MiB
  [ "$(pool_available)" -ge $(($1 - 33554432)) ]
}

test_raw_block() {
  claim raw 256Mi 'volumeMode: Block'
  block_pod writer raw 'head -c 4194304 /dev/urandom > /tmp/in
    dd if=/tmp/in of=/dev/data bs=64k oflag=direct
    sha256sum < /tmp/in > /tmp/sum; head -c 4194304 /dev/data | sha256sum | cmp - /tmp/sum
    head -c 32 /tmp/sum | dd of=/dev/data bs=512 seek=16384 conv=fsync'
  is_done writer
  remove_pod writer
  block_pod reader raw 'head -c 4194304 /dev/data | sha256sum | head -c 32 > /tmp/sum
    dd if=/dev/data bs=512 skip=16384 count=1 | head -c 32 | cmp - /tmp/sum'
  is_done reader
}

test_expand_online() {
  claim data 256Mi
  pod user data "$write_hello; sleep 600"
  is_running user
  local before
  before=$(size_of user)
  k patch pvc/data -p '{"spec": {"resources": {"requests": {"storage": "1Gi"}}}}'
  within 180 has_grown user "$before"
  echo "from $before to $(size_of user) KiB, in use all the time"
  in_pod user 'grep -x hello /data/hello'
  within 120 has_capacity data 1Gi # the kubelet writes it after the file system has grown
}

size_of() { in_pod "$1" "df -k /data | tail -n 1 | awk '{print \$2}'"; }
has_grown() { [ "$(size_of "$1")" -gt $(($2 * 3)) ]; }
has_capacity() { [ "$(k get "pvc/$1" -o jsonpath='{.status.capacity.storage}')" = "$2" ]; } # CLAIM SIZE

test_snapshot_and_restore() {
  claim data
  pod user data "$write_hello; sleep 600"
  is_running user
  snapshot before data
  in_pod user 'echo changed > /data/hello; sync'
  claim restored 256Mi 'dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: before}'
  pod reader restored 'grep -x hello /data/hello'
  is_done reader
  in_pod user 'grep -x changed /data/hello'
  k delete volumesnapshot/before --timeout="$(patience 60)s"
}

test_clone() {
  claim data
  pod user data "$write_hello; sleep 600"
  is_running user
  claim copy 512Mi 'dataSource: {kind: PersistentVolumeClaim, name: data}'
  pod reader copy 'grep -x hello /data/hello; df -k /data'
  is_done reader
}

test_ephemeral_volume() {
  pod_with user 'echo hello > /data/file; sync; mount | grep " /data "' \
    'volumeMounts: [{name: data, mountPath: /data}]' \
    "ephemeral: {volumeClaimTemplate: {spec: {storageClassName: $class, accessModes: [ReadWriteOnce],
      resources: {requests: {storage: 128Mi}}}}}"
  is_done user
  remove_pod user
  within 90 no_volumes_of "$ns"
}

test_fs_group() {
  claim data
  pod user data 'id; touch /data/file; stat -c %g /data/file; [ "$(stat -c %g /data/file)" = 4321 ]' \
    'runAsUser: 1000, runAsNonRoot: true, fsGroup: 4321, fsGroupChangePolicy: OnRootMismatch'
  is_done user
}

test_xfs() {
  local class=ublk-csi-xfs
  kubectl get storageclass ublk-csi -o json | jq '.metadata = {name: "ublk-csi-xfs"} |
    .parameters["csi.storage.k8s.io/fstype"] = "xfs"' | kubectl apply -f -
  claim data 512Mi
  pod user data "$write_hello; mount | grep ' /data type xfs'"
  is_done user
}

test_pod_waits_for_the_volumes_node() {
  [ "$nodes" -gt 1 ] || { echo "one node only"; exit 77; }
  claim data
  pod writer data "$write_hello"
  is_done writer
  local node other
  node=$(k get pod/writer -o jsonpath='{.spec.nodeName}')
  other=$(kubectl get nodes -o name | grep -v "/$node\$" | head -n 1)
  remove_pod writer
  k apply -f - << YAML
apiVersion: v1
kind: Pod
metadata: {name: elsewhere}
spec:
  nodeSelector: {kubernetes.io/hostname: ${other#node/}}
  securityContext: {runAsUser: 1000, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: main
      image: $test_image
      command: [sleep, "60"]
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
YAML
  within 60 has_event elsewhere
  is_equal Pending "$(phase elsewhere)" "a pod on the other node"
  k get events --field-selector involvedObject.name=elsewhere
}

has_event() { k get events --field-selector "involvedObject.name=$1" | grep -iE 'node affinity|node\(s\)'; }

# Sourced by test: what the plugins' accounts may do, and no more.
# shellcheck shell=bash

as_node() { # NODE COMMAND...: as the plugin of that node
  local node=$1
  shift
  kubectl --as="system:serviceaccount:$driver_ns:ublk-csi-node" \
    --as-user-extra="authentication.kubernetes.io/node-name=$node" "$@"
}

is_forbidden() { # COMMAND...: and the policy says why
  local said allowed=''
  within 120 is_decided "$@" || { echo "$said"; return 1; }
  [ -z "$allowed" ] || { echo "was allowed: $*"; return 1; }
  echo "$said"
  grep -q "a node's plugin may" <<< "$said"
}

# Whoever writes what has changed since they read it is told so, and no policy is asked.
is_decided() { # COMMAND...: $said and $allowed
  if said=$("$@" 2>&1); then allowed=1; else ! grep -q 'the object has been modified' <<< "$said"; fi
}

replace_status() { # NODE POOL: as the plugin of that node, with what is there
  kubectl get ublkpool "$2" -o json > "$work/pool" &&
    as_node "$1" replace --subresource=status -f "$work/pool"
}

untaint() { as_node "$1" patch node "$1" -p '{"spec": {"taints": []}}'; }

test_node_changes_only_its_own() {
  local node pool
  node=$(kubectl get nodes -o jsonpath='{.items[0].metadata.name}')
  pool=$(kubectl get ublkpools -o jsonpath='{.items[0].metadata.name}')
  within 120 replace_status "$node" "$pool" || replace_status "$node" "$pool"
  is_forbidden replace_status other "$pool"
  is_forbidden as_node other delete ublkpool "$pool"
  is_forbidden as_node "$node" patch node "$node" -p '{"spec": {"unschedulable": true}}'
  is_forbidden as_node "$node" patch node "$node" -p '{"metadata": {"labels": {"a": "b"}}}'
  kubectl taint node "$node" local.ublk-csi.io/not-ready=:PreferNoSchedule --overwrite
  is_forbidden as_node other patch node "$node" -p '{"spec": {"taints": []}}'
  # One that a node gets for having been silent goes by itself; its plugin may not take it off.
  within 120 untaint "$node" || untaint "$node"
}

test_accounts_may_not() {
  local account verb resource
  while read -r account verb resource; do
    ! kubectl auth can-i "$verb" "$resource" --all-namespaces --as="system:serviceaccount:$driver_ns:$account" ||
      { echo "$account may $verb $resource"; return 1; }
  done << 'LIST'
ublk-csi-node get secrets
ublk-csi-node list pods
ublk-csi-node create ublkvolumes
ublk-csi-node update ublkvolumes
ublk-csi-controller get secrets
ublk-csi-controller create pods
ublk-csi-controller delete pods
ublk-csi-controller update nodes
ublk-csi-controller delete ublkpools
LIST
}

# Every right is one that something used: the audit log of all tests that ran before has it. And nothing was refused.
test_rights_are_used() {
  [ "${#wanted[@]}" = "${#all[@]}" ] || { echo "only after all the other tests"; exit 77; }
  local account unused='' refused=''
  for account in controller node; do
    # An event is patched when it comes again, which need not happen meanwhile.
    unused+=$(comm -23 <(rights_of "$account" | grep -vx '/events patch') <(asked_for "$account" allow) |
      sed "s/^/$account /; s/\$/;/")
    # What its role has may be refused for a moment: when the API server starts, and when the driver is uninstalled.
    refused+=$(comm -23 <(asked_for "$account" forbid) <(rights_of "$account") | sed "s/^/$account /; s/\$/;/")
  done
  echo "rights that nothing used:"
  echo "${unused:-none}"
  echo "what was asked for and no role has:"
  echo "${refused:-nothing}"
  [ -z "$unused$refused" ]
}

# Reading is one right: whether a client gets, lists or watches is its library's choice.
one_right_for_reading() { sed -E 's/ (get|list|watch)$/ read/' | sort -u; }

rights_of() { # ACCOUNT: "group/resource verb", one a line
  {
    kubectl get clusterrole "ublk-csi-$1" -o json
    kubectl -n "$driver_ns" get role "ublk-csi-$1" -o json 2> /dev/null || true
  } | jq -r '.rules[] | .apiGroups[] as $group | .resources[] as $resource |
    "\($group)/\($resource) \(.verbs[])"' | one_right_for_reading
}

asked_for() { # ACCOUNT allow|forbid: what it asked the API server for, and was given or not
  jq -r --arg name "system:serviceaccount:$driver_ns:ublk-csi-$1" --arg decision "$2" \
    'select(.user.username == $name and .annotations["authorization.k8s.io/decision"] == $decision) | .objectRef as $o |
    ($o.resource + if $o.subresource then "/" + $o.subresource else "" end) as $resource |
    "\($o.apiGroup // "")/\($resource) \(.verb)"' "$run/log/audit" | one_right_for_reading
}

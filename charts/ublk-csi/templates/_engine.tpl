{{- /*
The two engines of a pod: who holds the lock in the state directory serves, the other one is warm and waits for it. During
a rollout the new pod's engines wait in the same queue, so that an image which does not start never stops I/O.
*/ -}}
{{- define "ublk-csi.engine.containers" -}}
{{- $values := .Values.engine }}
{{- range $name := list "engine-a" "engine-b" }}
- name: {{ $name }}
  image: {{ include "ublk-csi.image" (dict "root" $ "name" "ublk-csi") }}
  imagePullPolicy: {{ $.Values.image.pullPolicy }}
  args:
    - engine
    - --standby
    - --state-dir={{ $values.stateDir }}
    - --socket={{ $values.socketDir }}/engine/engine.sock
    {{- range $.Values.pools }}
    - {{ include "ublk-csi.poolArgument" . }}
    {{- end }}
    - --metrics-address=0.0.0.0:{{ $values.metricsPort }}
    - --log-level={{ $values.logLevel }}
    {{- with $values.extraArgs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  env:
    - name: UBLK_CSI_SECCOMP
      value: {{ ternary "on" "off" $values.seccomp | quote }}
    {{- with $values.javaOptions }}
    - name: UBLK_CSI_JAVA_OPTS
      value: {{ . | quote }}
    {{- end }}
  {{- include "ublk-csi.privileged" $ | nindent 2 }}
  resources:
    {{- toYaml $values.resources | nindent 4 }}
  volumeMounts:
    - name: state
      mountPath: {{ $values.stateDir }}
    - name: socket
      mountPath: {{ $values.socketDir }}
    - name: devices
      mountPath: /dev
    {{- range $.Values.pools }}
    - name: pool-{{ .name }}
      mountPath: {{ .path }}
    {{- end }}
    - name: {{ $name }}-tmp
      mountPath: /tmp
{{- end }}
{{- end }}

{{- define "ublk-csi.engine.initContainers" -}}
{{- if .Values.node.loadModules }}
- name: load-modules
  image: {{ include "ublk-csi.image" (dict "root" . "name" "ublk-csi") }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: [/opt/ublk-csi/bin/load-modules]
  {{- with .Values.node.extraModules }}
  args:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- include "ublk-csi.privileged" . | nindent 2 }}
  resources:
    requests: {cpu: 10m, memory: 16Mi}
    limits: {memory: 128Mi}
  volumeMounts:
    - name: modules
      mountPath: /lib/modules
      readOnly: true
    - name: release
      mountPath: /host
      readOnly: true
    - name: reservations
      mountPath: /var/target/pr
    - name: engine-a-tmp
      mountPath: /tmp
{{- end }}
{{- end }}

{{- /* Neither the kubelet's directory nor any propagation: the engine must not see the mounts of its own devices. */ -}}
{{- define "ublk-csi.engine.volumes" -}}
- name: state
  hostPath:
    path: {{ .Values.engine.stateDir }}
    type: DirectoryOrCreate
{{- range .Values.pools }}
- name: pool-{{ .name }}
  hostPath:
    path: {{ .path }}
    type: DirectoryOrCreate
{{- end }}
{{- range $name := list "engine-a" "engine-b" }}
- name: {{ $name }}-tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
{{- end }}
{{- if .Values.node.loadModules }}
- name: modules
  hostPath:
    path: /lib/modules
    type: DirectoryOrCreate
- name: release
  hostPath:
    path: /usr/lib
    type: Directory
# Where the kernel's SCSI target keeps persistent reservations: made here, read and written by the kernel alone.
- name: reservations
  hostPath:
    path: /var/target/pr
    type: DirectoryOrCreate
{{- end }}
{{- end }}

{{- define "ublk-csi.engine.sharedVolumes" -}}
- name: socket
  hostPath:
    path: {{ .Values.engine.socketDir }}
    type: DirectoryOrCreate
- name: devices
  hostPath:
    path: /dev
    type: Directory
{{- end }}

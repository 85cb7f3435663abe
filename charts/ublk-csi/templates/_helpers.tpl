{{- define "ublk-csi.driver" -}}local.ublk-csi.io{{- end }}

{{- define "ublk-csi.image" -}}
{{- printf "%s/%s:%s" .root.Values.image.registry .name (.root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end }}

{{- define "ublk-csi.labels" -}}
{{ include "ublk-csi.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: ublk-csi
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "ublk-csi.selector" -}}
app.kubernetes.io/name: ublk-csi
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- /* Whether snapshots are served: "true" or nothing. */ -}}
{{- define "ublk-csi.snapshots" -}}
{{- $wanted := toString .Values.snapshots.enabled -}}
{{- if eq $wanted "auto" -}}
{{- if .Capabilities.APIVersions.Has "snapshot.storage.k8s.io/v1" -}}true{{- end -}}
{{- else if eq $wanted "true" -}}true{{- end -}}
{{- end }}

{{- /* Where a node's pool is in the containers: under the same path as on the node. */ -}}
{{- define "ublk-csi.poolArgument" -}}
--pool=name={{ .name }},kind=file,path={{ .path }}
{{- with .minFree }},minFree={{ . }}{{ end }}
{{- with .overcommit }},overcommit={{ . }}{{ end }}
{{- if .allowBuffered }},allowBuffered{{ end }}
{{- end }}

{{- define "ublk-csi.placement" -}}
nodeSelector:
  kubernetes.io/os: linux
  {{- with .nodeSelector }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- /* A privileged container still gets no more than it needs of its own file system. */ -}}
{{- define "ublk-csi.privileged" -}}
securityContext:
  privileged: true
  readOnlyRootFilesystem: true
  runAsUser: 0
terminationMessagePath: /tmp/end
terminationMessagePolicy: FallbackToLogsOnError
{{- end }}

{{- define "ublk-csi.unprivileged" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
terminationMessagePolicy: FallbackToLogsOnError
{{- end }}

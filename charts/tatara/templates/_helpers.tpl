{{- define "tatara.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Prefix of the names of all objects; 40 leaves room for what follows it. */}}
{{- define "tatara.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "tatara.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tatara.operatorName" -}}
{{- printf "%s-operator" (include "tatara.fullname" .) -}}
{{- end -}}

{{- define "tatara.alertsSecretName" -}}
{{- default (printf "%s-alerts" (include "tatara.operatorName" .)) .Values.alerts.existingSecret -}}
{{- end -}}

{{- define "tatara.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tatara.operatorName" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: with serviceAccount.create=false, name the ServiceAccount that the operator runs as" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "tatara.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tatara.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "tatara.labels" -}}
{{ include "tatara.selectorLabels" . }}
app.kubernetes.io/part-of: tatara
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Reference of an image: {root, name}. The build names images tatara.dev/<name> on
this machine and <registry>/tatara-<name> in a registry.
*/}}
{{- define "tatara.image" -}}
{{- $image := .root.Values.image -}}
{{- $own := index $image .name -}}
{{- $registry := trimSuffix "/" $image.registry -}}
{{- $repository := $own.repository -}}
{{- if not $repository -}}
{{- $repository = ternary (printf "tatara.dev/%s" .name) (printf "%s/tatara-%s" $registry .name) (eq $registry "tatara.dev") -}}
{{- end -}}
{{- if $own.digest -}}
{{- printf "%s@%s" $repository $own.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (required "image.tag: say which version of the images to run" $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "tatara.artifactStoreUri" -}}
{{- required "artifactStore.uri: say where Tatara keeps verified models, for example --set artifactStore.uri=s3://my-bucket/tatara" .Values.artifactStore.uri -}}
{{- end -}}

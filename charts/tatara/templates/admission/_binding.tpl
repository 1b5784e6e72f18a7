{{/* Binds a policy: {root, policy}. */}}
{{- define "tatara.policyBinding" }}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .policy }}
  labels:
    {{- include "tatara.labels" .root | nindent 4 }}
spec:
  policyName: {{ .policy }}
  validationActions: [{{ .root.Values.approval.action }}]
  {{- with .root.Values.watchNamespaces }}
  matchResources:
    namespaceSelector:
      matchExpressions:
        - key: kubernetes.io/metadata.name
          operator: In
          values:
            {{- toYaml . | nindent 12 }}
  {{- end }}
{{- end }}

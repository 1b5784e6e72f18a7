// Package prometheus has nothing of its own: go.mod pins what hack/tools builds.
package prometheus

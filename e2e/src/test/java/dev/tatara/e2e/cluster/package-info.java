/** The cluster that the tests run on, as a user reaches it: API server, kubectl, object store, operator, audit log. */
package dev.tatara.e2e.cluster;

/** DriftPolicy: what a service is asked and answers, compared with what it was made for. */
package dev.tatara.api.v1alpha1.driftpolicy;

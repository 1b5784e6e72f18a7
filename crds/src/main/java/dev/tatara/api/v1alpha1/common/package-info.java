/** What several kinds share: conditions, time spans, references, pod settings. */
package dev.tatara.api.v1alpha1.common;

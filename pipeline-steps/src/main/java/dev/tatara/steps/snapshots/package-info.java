/** Snapshots of feature views as they lie in the artifact store. */
package dev.tatara.steps.snapshots;

/** ModelVersion: one version of a registered model, its verification and its stage. */
package dev.tatara.api.v1alpha1.modelversion;

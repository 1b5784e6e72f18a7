/**
 * The API that people write: group {@code mlops.tatara.dev}, version {@code v1alpha1}. One package per kind, each with
 * the custom resource, its spec and its status.
 *
 * <p>Spec and status are records. Where something is absent, lists and maps are empty and everything else is
 * {@code null}; defaults belong to the operator, so that what the server stores is what a person wrote. The text of
 * every {@code @param} is the field's description in the CustomResourceDefinition.
 */
package dev.tatara.api.v1alpha1;

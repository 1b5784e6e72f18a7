/** FeatureView: features of entities, for training and for serving. */
package dev.tatara.api.v1alpha1.featureview;

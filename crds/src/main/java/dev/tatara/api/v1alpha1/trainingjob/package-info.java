/** TrainingJob: runs that train a model, judge it and register it. */
package dev.tatara.api.v1alpha1.trainingjob;

/** TrainingJob: runs that train a model, judge it and register it. */
package dev.tatara.operator.trainingjob;

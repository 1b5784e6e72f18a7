/** A run of a training, once its definition is frozen: its names, its folder, and what its pods are given. */
package dev.tatara.operator.trainingjob.run;

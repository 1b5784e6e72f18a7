/** The pods that train: how they are rendered, how they are read, and what their logs tell. */
package dev.tatara.operator.trainingjob.train;

/** People whose behaviour is known, for experiments on them. */
package dev.tatara.e2e.experiment;

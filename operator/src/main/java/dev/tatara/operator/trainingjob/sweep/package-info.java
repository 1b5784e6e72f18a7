/** Sweeps: which trials run, which are tried again or stopped, and what is remembered of them. Pure. */
package dev.tatara.operator.trainingjob.sweep;

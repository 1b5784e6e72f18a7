/** What the operator's figures of all resources have in common. */
package dev.tatara.operator.metrics;

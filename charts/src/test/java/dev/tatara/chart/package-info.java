/** What a user of the chart sees: manifests, refusals, rights. */
package dev.tatara.chart;

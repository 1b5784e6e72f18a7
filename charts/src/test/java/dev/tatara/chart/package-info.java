/** What users see before anything runs: the chart, the samples, the documentation. */
package dev.tatara.chart;

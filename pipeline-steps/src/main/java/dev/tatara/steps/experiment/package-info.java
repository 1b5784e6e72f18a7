/** The step {@code experiment}: who won an A/B test, by what people did. */
package dev.tatara.steps.experiment;

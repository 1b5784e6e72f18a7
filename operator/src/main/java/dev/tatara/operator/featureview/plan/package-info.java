/** Decisions about views of features: pure functions of specification, observed objects and clock. */
package dev.tatara.operator.featureview.plan;

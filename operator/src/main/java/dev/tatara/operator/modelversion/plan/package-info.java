/** Decisions about model versions: pure functions of specification, observed objects and clock. */
package dev.tatara.operator.modelversion.plan;

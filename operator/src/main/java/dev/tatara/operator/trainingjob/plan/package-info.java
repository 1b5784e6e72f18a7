/** Decisions about trainings: pure functions of specification, observed objects and clock. */
package dev.tatara.operator.trainingjob.plan;

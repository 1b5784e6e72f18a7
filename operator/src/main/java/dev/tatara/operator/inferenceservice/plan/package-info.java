/** Decisions about inference services: pure functions of specification, observed objects and clock. */
package dev.tatara.operator.inferenceservice.plan;

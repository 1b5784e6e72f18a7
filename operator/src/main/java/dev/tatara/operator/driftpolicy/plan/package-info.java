/** Decisions about drift policies: pure functions of specification, observed objects and clock. */
package dev.tatara.operator.driftpolicy.plan;

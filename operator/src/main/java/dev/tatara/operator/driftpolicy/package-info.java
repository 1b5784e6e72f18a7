/** DriftPolicies: has services' live traffic judged, and asks for what is to be done about breaches. */
package dev.tatara.operator.driftpolicy;

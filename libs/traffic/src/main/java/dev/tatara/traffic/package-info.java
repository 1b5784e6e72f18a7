/**
 * Which revision of a service answers a request: the table that says so, signed by the operator, the choice that every
 * pod makes by it, and what the pods count for those who judge a rollout.
 */
package dev.tatara.traffic;

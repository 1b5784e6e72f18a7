/**
 * Entity rows and the features that were known at their times: the point-in-time join, and the division of its rows for
 * training, validation and test.
 */
package dev.tatara.steps.join;

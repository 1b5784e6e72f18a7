/** {@code inspect-model}: is this file a model that can be served, and what does it look like. */
package dev.tatara.steps.inspect;

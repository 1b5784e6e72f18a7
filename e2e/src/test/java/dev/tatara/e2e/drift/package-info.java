/** A world that changes: what is measured there, what a model learns of it, and who asks the model. */
package dev.tatara.e2e.drift;

/** Real neighbours for integration tests. */
package dev.tatara.testing;

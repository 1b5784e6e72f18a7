/** Features as users find them in the stores, read as the documentation says that they lie there. */
package dev.tatara.e2e.features;

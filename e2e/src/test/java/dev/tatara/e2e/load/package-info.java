/** Constant load on a service, every answer checked. */
package dev.tatara.e2e.load;

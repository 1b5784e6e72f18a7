/** Data to learn from, and models that learnt from it, as users have them. */
package dev.tatara.e2e.training;

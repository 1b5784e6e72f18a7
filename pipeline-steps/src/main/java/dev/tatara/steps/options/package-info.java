/** Options that several steps share, and the grammars of their values. */
package dev.tatara.steps.options;

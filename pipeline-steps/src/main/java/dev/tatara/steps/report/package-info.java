/** Pages for people: HTML in one file with inline plots. */
package dev.tatara.steps.report;

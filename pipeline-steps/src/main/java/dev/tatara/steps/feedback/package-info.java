/** What pods wrote of predictions and of what turned out to be true, put together. */
package dev.tatara.steps.feedback;

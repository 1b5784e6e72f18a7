/** The steps around a user's training: its data is validated and fetched, what it leaves behind is published. */
package dev.tatara.steps.training;

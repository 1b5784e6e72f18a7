/**
 * Features as they lie in an online store: one Redis hash per entity and project, in the layout of Feast, so that its SDKs
 * read what is written here and the other way round.
 *
 * <p>Pure: no I/O, no clock, no client. {@link dev.tatara.features.OnlineView} says what a view looks like, {@link
 * dev.tatara.features.OnlineRead} what to ask Redis for and what the answer means. What is written comes from {@link
 * dev.tatara.features.writer}.
 *
 * <p>Layout, keys and statuses: docs/reference/online-store.md.
 */
package dev.tatara.features;

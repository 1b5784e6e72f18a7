/** Talking to the API server: server-side apply without needless writes, events, conditions, names and labels. */
package dev.tatara.operator.kubernetes;

/**
 * What is learnt from the traffic besides the answers: sketches in panes, the payload log, the prediction ledger,
 * feedback, the access log and traces. None of it may slow an answer down or take memory without bound.
 */
package dev.tatara.runtime.observation;

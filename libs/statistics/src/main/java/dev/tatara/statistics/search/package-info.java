/**
 * Search for good hyperparameters. Pure: what is proposed follows from the seed, the trial's number and the trials that
 * are finished, and from nothing else, so whoever asks again after a restart gets the same proposal.
 */
package dev.tatara.statistics.search;

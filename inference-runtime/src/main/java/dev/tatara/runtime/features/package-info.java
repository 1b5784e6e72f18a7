/** Features that are looked up in Redis by the keys of entities: for the model, and for who asks as Feast's clients do. */
package dev.tatara.runtime.features;

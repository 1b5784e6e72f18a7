/**
 * The operator. One package per kind holds its reconciler (read, decide, apply, report), its pure {@code plan} package
 * (specification, observed objects and clock in; desired objects or next step out) and its status factory. What all
 * kinds share of talking to the API server is in {@code kubernetes}.
 */
package dev.tatara.operator;

/**
 * Divides a service's traffic by what stands before it: routes of the Gateway API, or a VirtualService and a
 * DestinationRule of Istio. Pods are told so and answer what they are sent.
 */
package dev.tatara.operator.inferenceservice.gateway;

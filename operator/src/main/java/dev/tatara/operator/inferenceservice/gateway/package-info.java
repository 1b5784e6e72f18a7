/**
 * Divides a service's traffic by what stands before it: routes of the Gateway API, or a VirtualService and a
 * DestinationRule of Istio. Pods don't route then. Pure.
 */
package dev.tatara.operator.inferenceservice.gateway;

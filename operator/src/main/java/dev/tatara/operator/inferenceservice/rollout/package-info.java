/** How a service goes from one revision to the next: stages, and the machine that goes through them. Pure. */
package dev.tatara.operator.inferenceservice.rollout;

/** The embedded traffic provider: tables that say who answers, where they are kept, and how they reach the pods. */
package dev.tatara.operator.inferenceservice.traffic;

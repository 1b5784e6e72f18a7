/** What users wrote about views and trainings, as a step gets it: the same YAML that the API server takes. */
package dev.tatara.steps.definitions;

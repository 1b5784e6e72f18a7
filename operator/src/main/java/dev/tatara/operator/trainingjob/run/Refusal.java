package dev.tatara.operator.trainingjob.run;

/**
 * Why nothing starts.
 *
 * @param reason one CamelCase word
 * @param message what to change
 */
public record Refusal(String reason, String message) {}

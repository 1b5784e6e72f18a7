package dev.tatara.contracts;

/**
 * What {@code notify} did.
 *
 * @param status HTTP status that the receiver took the message with
 * @param attempts how often it was sent
 */
public record Notified(int status, int attempts) {}

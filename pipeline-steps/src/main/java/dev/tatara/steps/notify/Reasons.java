package dev.tatara.steps.notify;

/** Why nobody could be told. */
final class Reasons {
    static final String INVALID_MESSAGE = "InvalidMessage";
    static final String INVALID_RECEIVER = "InvalidReceiver";
    static final String RECEIVER_REFUSED = "ReceiverRefused";
    static final String RECEIVER_UNAVAILABLE = "ReceiverUnavailable";
    static final String SECRET_MISSING = "SecretMissing";

    private Reasons() {}
}

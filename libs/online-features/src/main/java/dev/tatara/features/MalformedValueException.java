package dev.tatara.features;

/** Bytes of an online store are not what they should be. The message never has the bytes in it. */
public final class MalformedValueException extends Exception {
    public MalformedValueException(String message) {
        super(message, null, false, false);
    }
}

package dev.tatara.runtime.inference;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of all that an answer depends on but the model. For one thread at a time. */
final class RequestDigest {
    private static final int DIGEST_BYTES = 32;

    private final MessageDigest digest;
    private final ByteBuffer numbers = ByteBuffer.allocate(1024);
    private final byte[] result = new byte[DIGEST_BYTES];

    /** The digest as a key. */
    record Key(long first, long second, long third, long fourth) {}

    RequestDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The key of a request: outputs asked for, then each input's shape and elements. Types are the model's. */
    Key of(InferenceRequest request) {
        digest.reset();
        number(request.outputs().length);
        for (int output : request.outputs()) {
            number(output);
        }
        for (int i = 0; i < request.inputCount(); i++) {
            input(request.input(i));
        }
        flush();
        try {
            digest.digest(result, 0, DIGEST_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("a SHA-256 has 32 bytes", e);
        }
        ByteBuffer key = ByteBuffer.wrap(result);
        return new Key(key.getLong(), key.getLong(), key.getLong(), key.getLong());
    }

    private void input(InputTensor tensor) {
        number(tensor.rank());
        for (int i = 0; i < tensor.rank(); i++) {
            number(tensor.dimension(i));
        }
        number(tensor.texts().size());
        for (byte[] text : tensor.texts()) {
            // Lengths first: "a", "bc" aren't "ab", "c".
            number(text.length);
            flush();
            digest.update(text);
        }
        flush();
        digest.update(tensor.data().asByteBuffer());
    }

    private void number(long value) {
        if (numbers.remaining() < Long.BYTES) {
            flush();
        }
        numbers.putLong(value);
    }

    private void flush() {
        digest.update(numbers.array(), 0, numbers.position());
        numbers.clear();
    }
}

package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import java.nio.charset.StandardCharsets;

/** Reads {@code map<string, InferParameter>} fields: one that matters is taken, those that can't be granted are refused. */
final class Parameters {
    private static final int KEY = ProtoReader.tag(1, ProtoReader.DELIMITED);
    private static final int VALUE = ProtoReader.tag(2, ProtoReader.DELIMITED);
    private static final int INT64 = ProtoReader.tag(2, ProtoReader.VARINT);
    private static final int UINT64 = ProtoReader.tag(5, ProtoReader.VARINT);

    private static final byte[] TIMEOUT = "timeout".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SHARED_MEMORY = "shared_memory_region".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLASSIFICATION = "classification".getBytes(StandardCharsets.US_ASCII);

    private final ProtoReader in;
    private long timeoutMicros;

    Parameters(ProtoReader in) {
        this.in = in;
    }

    void reset() {
        timeoutMicros = 0;
    }

    /** How long the client waits for its answer, 0 if it says nothing. */
    long timeoutMicros() {
        return timeoutMicros;
    }

    /** Reads a parameter of the request as a whole. */
    void ofRequest() throws RequestException {
        int outer = in.enter();
        boolean timeout = false;
        long number = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == KEY) {
                timeout = in.skipIfEqual(TIMEOUT);
                if (!timeout) {
                    in.skip(tag);
                }
            } else if (tag == VALUE) {
                number = number();
            } else {
                in.skip(tag);
            }
        }
        in.leave(outer);
        if (timeout) {
            timeoutMicros = Math.max(0, number);
        }
    }

    private long number() throws RequestException {
        long number = 0;
        int outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == INT64 || tag == UINT64) {
                number = in.varint();
            } else {
                in.skip(tag);
            }
        }
        in.leave(outer);
        return number;
    }

    /** Reads a parameter of an input or output. */
    void ofTensor() throws RequestException {
        int outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == KEY) {
                if (in.skipIfEqual(SHARED_MEMORY)) {
                    throw RequestException.bad("tensors in shared memory are not supported: send them in the message");
                }
                if (in.skipIfEqual(CLASSIFICATION)) {
                    throw RequestException.bad(
                            "the parameter \"classification\" is not supported: take the classes from the outputs");
                }
            }
            in.skip(tag);
        }
        in.leave(outer);
    }
}

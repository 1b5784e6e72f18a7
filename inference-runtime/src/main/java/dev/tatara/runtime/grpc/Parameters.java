package dev.tatara.runtime.grpc;

import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.v2.TopClasses;
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

    private static final long NO_NUMBER = Long.MIN_VALUE;

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
                number = number(0);
            } else {
                in.skip(tag);
            }
        }
        in.leave(outer);
        if (timeout) {
            timeoutMicros = Math.max(0, number);
        }
    }

    private long number(long otherwise) throws RequestException {
        long number = otherwise;
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

    /** Reads a parameter of an input. */
    void ofInput() throws RequestException {
        ofOutput(0);
    }

    /**
     * Reads a parameter of an output.
     *
     * @param before how many of the largest classes are asked for by the parameters before
     * @return how many are now, 0 for the output's tensor itself
     */
    int ofOutput(int before) throws RequestException {
        int outer = in.enter();
        boolean classification = false;
        long number = NO_NUMBER;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == KEY && in.skipIfEqual(SHARED_MEMORY)) {
                throw RequestException.bad("tensors in shared memory are not supported: send them in the message");
            } else if (tag == KEY && in.skipIfEqual(CLASSIFICATION)) {
                classification = true;
            } else if (tag == VALUE) {
                number = number(NO_NUMBER);
            } else {
                in.skip(tag);
            }
        }
        in.leave(outer);
        if (!classification) {
            return before;
        }
        if (number < 0 || number > TopClasses.MOST) {
            throw RequestException.bad("the parameter \"classification\" must be a whole number from 0 to "
                    + TopClasses.MOST + (number == NO_NUMBER ? "" : ", got " + number));
        }
        return (int) number;
    }
}

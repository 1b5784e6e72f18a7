package dev.tatara.runtime.it;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;

/**
 * A request that may be anything but right.
 *
 * @param grpc whether it goes over HTTP/2 as a gRPC message
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Attempt(boolean grpc, String path, Map<String, String> headers, byte[] body) {
    private static final int SHOWN = 4_000;

    /** Whether the body has these characters. */
    boolean mentions(String characters) {
        return new String(body, StandardCharsets.ISO_8859_1).contains(characters);
    }

    @Override
    public String toString() {
        boolean text = !grpc && !headers.containsKey("Inference-Header-Content-Length");
        String shown =
                text ? new String(body, StandardCharsets.UTF_8) : HexFormat.of().formatHex(body);
        return "POST " + path + " " + headers + " (" + body.length + " bytes) "
                + (shown.length() <= SHOWN ? shown : shown.substring(0, SHOWN) + "…");
    }
}

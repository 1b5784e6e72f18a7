package dev.tatara.runtime.serving;

import dev.tatara.runtime.json.JsonBytes;
import io.netty.util.AsciiString;

/** The body of a good answer, with what HTTP says about it. Reused on a lane's own thread. */
public final class Reply {
    public static final CharSequence JSON = AsciiString.cached("application/json");

    private final JsonBytes body = new JsonBytes();
    private CharSequence contentType = JSON;
    private int jsonLength = -1;

    /** To append the body to. */
    public JsonBytes body() {
        return body;
    }

    public CharSequence contentType() {
        return contentType;
    }

    /** The length of the JSON before binary tensors, or −1 if the body is all of one kind. */
    public int jsonLength() {
        return jsonLength;
    }

    /** Says that the body is JSON of this length followed by binary tensors. */
    public void setBinary(CharSequence type, int lengthOfJson) {
        contentType = type;
        jsonLength = lengthOfJson;
    }

    void reset() {
        body.reset();
        contentType = JSON;
        jsonLength = -1;
    }
}

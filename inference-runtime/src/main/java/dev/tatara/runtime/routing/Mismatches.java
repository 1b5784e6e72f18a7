package dev.tatara.runtime.routing;

import dev.tatara.runtime.json.JsonBytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;

/** The last requests that the shadow answered otherwise. */
final class Mismatches {
    static final int MOST = 100;
    private static final int MOST_BYTES = 16 << 10;

    private final boolean shown;
    private final Deque<Mismatch> last = new ArrayDeque<>();

    /** Bytes of what was asked and answered, cut where they are long. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Mismatch(
            long millis,
            String path,
            String revision,
            String difference,
            byte[] request,
            byte[] answer,
            byte[] shadow) {}

    /**
     * @param shown whether values may be seen: not where some are to leave the process in no log
     */
    Mismatches(boolean shown) {
        this.shown = shown;
    }

    synchronized void add(
            String path, String revision, String difference, byte[] request, byte[] answer, byte[] shadow) {
        if (last.size() == MOST) {
            last.removeFirst();
        }
        last.addLast(new Mismatch(
                System.currentTimeMillis(),
                path,
                revision,
                shown ? difference : "not shown, as values are excluded or hashed",
                cut(request),
                cut(answer),
                cut(shadow)));
    }

    private byte[] cut(byte[] bytes) {
        return !shown ? null : bytes.length <= MOST_BYTES ? bytes : Arrays.copyOf(bytes, MOST_BYTES);
    }

    /** The newest last. */
    synchronized byte[] toJson() {
        JsonBytes out = new JsonBytes().raw("{\"mismatches\":[");
        boolean first = true;
        for (Mismatch mismatch : last) {
            if (!first) {
                out.raw(',');
            }
            first = false;
            out.raw("{\"time\":").number(mismatch.millis);
            out.raw(",\"path\":").string(mismatch.path);
            out.raw(",\"shadow\":").string(mismatch.revision);
            out.raw(",\"difference\":").string(mismatch.difference);
            if (mismatch.request != null) {
                text(out, "request", mismatch.request);
                text(out, "answer", mismatch.answer);
                text(out, "shadowAnswer", mismatch.shadow);
            }
            out.raw('}');
        }
        return out.raw("]}").toByteArray();
    }

    /** As it is if it is text, else in base64. */
    private static void text(JsonBytes out, String name, byte[] bytes) {
        String text;
        String suffix = "";
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException binary) {
            text = Base64.getEncoder().encodeToString(bytes);
            suffix = "Base64";
        }
        out.raw(",\"" + name + suffix + "\":").string(text);
    }
}

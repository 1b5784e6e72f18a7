package dev.tatara.runtime.inference;

/**
 * Where a request belongs in a trace, by W3C Trace Context.
 *
 * @param traceId 32 hexadecimal digits
 * @param parentId the caller's span, 16 hexadecimal digits
 * @param sampled whether the caller records its span
 */
public record TraceContext(String traceId, String parentId, boolean sampled) {
    private static final int LENGTH = 55;
    private static final int TRACE_FROM = 3;
    private static final int TRACE_TO = 35;
    private static final int PARENT_FROM = 36;
    private static final int PARENT_TO = 52;
    private static final int FLAGS_FROM = 53;

    /**
     * Reads a {@code traceparent} header.
     *
     * @param header may be null
     * @return null where there is none or it isn't valid, which callers are free to send
     */
    public static TraceContext parse(CharSequence header) {
        if (header == null || header.length() < LENGTH) {
            return null;
        }
        boolean version0 = header.charAt(0) == '0' && header.charAt(1) == '0';
        // Later versions may append fields.
        boolean asLong = header.length() == LENGTH || (!version0 && header.charAt(LENGTH) == '-');
        if (!asLong
                || !isHex(header, 0, 2)
                || (header.charAt(0) == 'f' && header.charAt(1) == 'f')
                || header.charAt(2) != '-'
                || header.charAt(TRACE_TO) != '-'
                || header.charAt(PARENT_TO) != '-'
                || !isId(header, TRACE_FROM, TRACE_TO)
                || !isId(header, PARENT_FROM, PARENT_TO)
                || !isHex(header, FLAGS_FROM, LENGTH)) {
            return null;
        }
        boolean sampled = (Character.digit(header.charAt(LENGTH - 1), 16) & 1) != 0;
        return new TraceContext(
                header.subSequence(TRACE_FROM, TRACE_TO).toString(),
                header.subSequence(PARENT_FROM, PARENT_TO).toString(),
                sampled);
    }

    private static boolean isId(CharSequence text, int from, int to) {
        if (!isHex(text, from, to)) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return true;
            }
        }
        return false;
    }

    private static boolean isHex(CharSequence text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                return false;
            }
        }
        return true;
    }
}

package dev.tatara.runtime.routing;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Headers that pods say to each other, and which of a client's go along. */
public final class RoutingHeaders {
    /** On requests the revision that is wanted, on answers the one that answered. */
    public static final CharSequence REVISION = AsciiString.cached("tatara-revision");

    /** The generation of the table by which a request was forwarded. */
    public static final CharSequence GENERATION = AsciiString.cached("tatara-generation");

    /** On a refusal: the revision is closed since this generation. */
    public static final CharSequence CLOSED = AsciiString.cached("tatara-closed");

    /** On requests that are copies of others. */
    public static final CharSequence SHADOW = AsciiString.cached("tatara-shadow");

    private static final String OWN = "tatara-";

    /** Of one connection (RFC 9110, 7.6.1), or made anew for the next one. */
    private static final Set<String> ONE_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "host",
            "content-length",
            "expect");

    private RoutingHeaders() {}

    /** What a client sent, without what is for this hop alone and what only pods may say. */
    static void copyRequest(MultiMap from, MultiMap to) {
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            if (!name.startsWith(":") && !isOneHop(name) && !isOwn(name)) {
                to.add(name, header.getValue());
            }
        }
    }

    /** What another pod answered, without what is for that hop alone. */
    public static void copyAnswer(MultiMap from, MultiMap to) {
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            if (!name.startsWith(":") && !isOneHop(name)) {
                to.add(name, header.getValue());
            }
        }
    }

    private static boolean isOneHop(String name) {
        return ONE_HOP.contains(name) || ONE_HOP.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean isOwn(String name) {
        return name.regionMatches(true, 0, OWN, 0, OWN.length());
    }
}

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

    /** On copies: so many bytes before the request are what is known of its features; of a call they are a message of their own. */
    public static final CharSequence FEATURES = AsciiString.cached("tatara-features");

    /** By which state of a route a request came, as a Gateway says it; answers to who asks for that say it back. */
    public static final CharSequence ROUTE = AsciiString.cached("tatara-route");

    private static final String OWN = "tatara-";
    private static final int MOST_DIGITS = 9;
    private static final int LONGEST_ROUTE = 64;

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

    /** Says of a request that came by a route by which one, and who answers it. */
    public static void tellRoute(MultiMap request, MultiMap answer, String revision) {
        String route = request.get(ROUTE);
        if (route != null && route.length() <= LONGEST_ROUTE) {
            answer.set(ROUTE, route);
            answer.set(REVISION, revision);
        }
    }

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

    /** How many bytes a copy brings of what is known of its request's features; 0 for none. */
    public static int featureBytes(MultiMap headers) {
        String text = headers.get(FEATURES);
        return text == null
                        || text.isEmpty()
                        || text.length() > MOST_DIGITS
                        || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')
                ? 0
                : Integer.parseInt(text);
    }

    private static boolean isOneHop(String name) {
        return ONE_HOP.contains(name) || ONE_HOP.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean isOwn(String name) {
        return name.regionMatches(true, 0, OWN, 0, OWN.length());
    }
}

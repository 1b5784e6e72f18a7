package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;

/** Failures of connections in words that a user can act on. */
final class Failures {
    private Failures() {}

    static ArtifactException ofConnection(String what, IOException e) {
        return new ArtifactException(Kind.Unavailable, what + ": " + words(e), e);
    }

    static String words(Throwable e) {
        return switch (e) {
            case UnknownHostException unknown -> "the host name " + unknown.getMessage() + " doesn't resolve";
            case ConnectException refused -> "the connection was refused (" + refused.getMessage() + ")";
            case NoRouteToHostException none -> "there is no route to the host (" + none.getMessage() + ")";
            case SocketTimeoutException slow -> "no answer in time (" + slow.getMessage() + ")";
            case SSLException tls ->
                "TLS failed (" + tls.getMessage()
                        + "); a private authority belongs into the Secret under the key ca.crt";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}

package dev.tatara.runtime.admin;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Who may change something: who brings the token in the file, or, where no file is named, who asks from the same machine
 * or pod.
 */
final class AdminAccess {
    private static final Logger LOG = Logger.getLogger(AdminAccess.class);
    private static final String BEARER = "Bearer ";

    private final Optional<Path> tokenFile;

    AdminAccess(Optional<Path> tokenFile) {
        this.tokenFile = tokenFile;
    }

    /**
     * Why a request may not change anything, or empty if it may. The file is read each time, so that a Secret that is
     * rotated counts at once.
     */
    Optional<String> refusal(HttpServerRequest request) {
        if (tokenFile.isEmpty()) {
            return isLoopback(request.remoteAddress())
                    ? Optional.empty()
                    : Optional.of("only from the same machine or pod, unless tatara.runtime.admin.token-file names"
                            + " the file of a token");
        }
        String given = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (given == null || !given.startsWith(BEARER)) {
            return Optional.of("the header \"Authorization: Bearer <token>\" is missing");
        }
        try {
            String token = Files.readString(tokenFile.get(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("")
                    .strip();
            boolean same = !token.isEmpty()
                    && MessageDigest.isEqual(
                            token.getBytes(StandardCharsets.UTF_8),
                            given.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8));
            return same ? Optional.empty() : Optional.of("the token is another");
        } catch (IOException e) {
            LOG.warnf("cannot read tatara.runtime.admin.token-file %s: %s", tokenFile.get(), e.getMessage());
            return Optional.of("the server cannot read its token");
        }
    }

    private static boolean isLoopback(SocketAddress address) {
        if (address == null || address.hostAddress() == null) {
            return false;
        }
        try {
            return InetAddress.getByName(address.hostAddress()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}

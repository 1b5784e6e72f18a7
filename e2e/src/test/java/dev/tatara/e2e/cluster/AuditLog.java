package dev.tatara.e2e.cluster;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The API server's record of requests. */
public final class AuditLog {
    private static final Set<String> READS = Set.of("get", "list", "watch");

    private final ObjectMapper json = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private final Path path;

    AuditLog(Path path) {
        this.path = path;
    }

    /** The requests of a user that the server had taken in at or after an instant and has answered, the oldest first. */
    public List<Request> requestsOf(String user, Instant since) {
        try (var lines = Files.lines(path)) {
            return lines
                    // The last line may still be in the writing.
                    .filter(line -> line.contains(user) && line.endsWith("}"))
                    .map(this::parse)
                    .filter(event -> "ResponseComplete".equals(event.stage()) && user.equals(event.username()))
                    .filter(event -> !event.received().isBefore(since))
                    .map(Event::request)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("expected the audit log at " + path, e);
        }
    }

    private Event parse(String line) {
        try {
            return json.readValue(line, Event.class);
        } catch (IOException e) {
            throw new UncheckedIOException("expected an audit event in JSON, found " + line, e);
        }
    }

    /**
     * One request.
     *
     * @param verb what was asked for, as RBAC names it
     * @param uri with its query
     * @param resource the resource, a subresource behind a slash; empty where the request was for none
     * @param code the HTTP status of the answer
     * @param received when the server took it in
     * @param forbidden whether the user lacks the permission; an admission that refuses is something else
     */
    public record Request(String verb, String uri, String resource, int code, Instant received, boolean forbidden) {
        /** Whether the request could change something. */
        public boolean isWrite() {
            return !READS.contains(verb);
        }
    }

    private record Event(
            String stage,
            String verb,
            String requestURI,
            User user,
            ObjectReference objectRef,
            Status responseStatus,
            String requestReceivedTimestamp,
            Map<String, String> annotations) {
        String username() {
            return user == null ? "" : user.username();
        }

        Instant received() {
            return Instant.parse(requestReceivedTimestamp);
        }

        Request request() {
            return new Request(
                    verb,
                    requestURI,
                    Optional.ofNullable(objectRef).map(ObjectReference::path).orElse(""),
                    responseStatus == null ? 0 : responseStatus.code(),
                    received(),
                    annotations != null && "forbid".equals(annotations.get("authorization.k8s.io/decision")));
        }
    }

    private record User(String username) {}

    private record Status(int code) {}

    private record ObjectReference(String resource, String subresource) {
        String path() {
            return subresource == null ? resource : resource + "/" + subresource;
        }
    }
}

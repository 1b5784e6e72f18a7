package dev.tatara.mlflow;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.mlflow.MlflowException.Kind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/**
 * Sends requests and reads answers of bounded size in bounded time. What may be repeated without harm is tried again when
 * the server is away; the rest only where the request certainly didn't arrive.
 */
final class Connection implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final long MAX_ANSWER_BYTES = 64L << 20;
    private static final int MAX_WORDS = 400;
    private static final String API = "/api/2.0/";

    private final MlflowSettings settings;
    private final Secret secret;
    private final HttpClient client;

    Connection(MlflowSettings settings) throws MlflowException {
        this.settings = settings;
        this.secret = Secret.of(settings);
        var builder = HttpClient.newBuilder()
                // An offer to speak HTTP/2 confuses some servers and proxies, and there is nothing to gain.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout());
        secret.trust().ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** A question; may always be repeated. */
    JsonNode get(String path, Map<String, String> parameters) throws MlflowException {
        var query = parameters.isEmpty()
                ? ""
                : parameters.entrySet().stream()
                        .map(entry ->
                                entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&", "?", ""));
        return json(send("GET", path + query, BodyPublishers.noBody(), settings.answerTimeout(), true));
    }

    /** Something that has the same effect when it is done twice. */
    JsonNode post(String path, ObjectNode body) throws MlflowException {
        return json(send("POST", path, publisher(body), settings.answerTimeout(), true));
    }

    /** Something that must not be done twice. */
    JsonNode postOnce(String path, ObjectNode body) throws MlflowException {
        return json(send("POST", path, publisher(body), settings.answerTimeout(), false));
    }

    void put(String path, Path file) throws MlflowException {
        try {
            send("PUT", path, BodyPublishers.ofFile(file), settings.transferTimeout(), true);
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("expected a file to upload: " + file, e);
        }
    }

    void put(String path, byte[] bytes) throws MlflowException {
        send("PUT", path, BodyPublishers.ofByteArray(bytes), settings.transferTimeout(), true);
    }

    /** An artifact's address on the server's own artifact API, each segment escaped. */
    static String artifactPath(String artifact) {
        return "mlflow-artifacts/artifacts/"
                + Arrays.stream(artifact.split("/"))
                        .filter(segment -> !segment.isEmpty())
                        .map(segment -> URLEncoder.encode(segment, StandardCharsets.UTF_8)
                                .replace("+", "%20"))
                        .collect(Collectors.joining("/"));
    }

    URI address(String path) {
        return URI.create(settings.server() + API + path);
    }

    private static BodyPublisher publisher(ObjectNode body) {
        try {
            return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
        } catch (JacksonException e) {
            throw new IllegalStateException("a tree of JSON can always be written", e);
        }
    }

    private byte[] send(String method, String path, BodyPublisher body, Duration timeout, boolean repeatable)
            throws MlflowException {
        var pause = settings.backoffBase();
        for (var attempt = 1; ; attempt++) {
            HttpResponse<byte[]> answer;
            try {
                answer = attempt(method, path, body, timeout);
            } catch (Unreachable e) {
                if ((repeatable || !e.mayHaveArrived()) && attempt < settings.attempts()) {
                    sleep(pause);
                    pause = longer(pause);
                    continue;
                }
                throw new MlflowException(
                        Kind.Unavailable, "MLflow at " + settings.server() + ": " + e.getMessage(), e);
            }
            if (answer.statusCode() == 200 || answer.statusCode() == 204) {
                return answer.body();
            }
            // 429: the server says that it did nothing.
            if ((answer.statusCode() == 429 || (repeatable && isPassing(answer.statusCode())))
                    && attempt < settings.attempts()) {
                sleep(pause);
                pause = longer(pause);
                continue;
            }
            throw refused(path, answer);
        }
    }

    /** No answer came. */
    private static final class Unreachable extends IOException {
        private final boolean mayHaveArrived;

        Unreachable(String message, boolean mayHaveArrived, Throwable cause) {
            super(message, cause);
            this.mayHaveArrived = mayHaveArrived;
        }

        boolean mayHaveArrived() {
            return mayHaveArrived;
        }
    }

    private HttpResponse<byte[]> attempt(String method, String path, BodyPublisher body, Duration timeout)
            throws MlflowException, Unreachable {
        var request = HttpRequest.newBuilder(address(path))
                .method(method, body)
                .header("User-Agent", "tatara")
                .header("Accept", "application/json");
        if (method.equals("POST")) {
            request.header("Content-Type", "application/json");
        }
        secret.authorization().ifPresent(value -> request.header("Authorization", value));
        // No time-out of the request's own, which would end with the headers: this one ends with the last byte.
        var sent =
                client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        try {
            return sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unreachable(e.getCause());
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new Unreachable("no answer within " + seconds(timeout), true, e);
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new MlflowException(Kind.Unavailable, "stopped while waiting for MLflow at " + settings.server(), e);
        } catch (CancellationException e) {
            throw new Unreachable("the request was cancelled", true, e);
        }
    }

    private static Unreachable unreachable(Throwable e) {
        if (e instanceof HttpConnectTimeoutException) {
            return new Unreachable("the connection isn't accepted in time", false, e);
        }
        if (e instanceof ConnectException refused) {
            return new Unreachable(
                    refused.getCause() instanceof UnresolvedAddressException
                            ? "the host name doesn't resolve"
                            : "the connection was refused",
                    false,
                    e);
        }
        if (e instanceof SSLException tls) {
            return new Unreachable(
                    "TLS failed (" + tls.getMessage() + "); a private authority belongs into the Secret under the key"
                            + " ca.crt",
                    false,
                    e);
        }
        return new Unreachable(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), true, e);
    }

    private JsonNode json(byte[] body) throws MlflowException {
        try {
            var tree = JSON.readTree(body.length == 0 ? new byte[] {'{', '}'} : body);
            if (tree instanceof ObjectNode) {
                return tree;
            }
        } catch (IOException e) {
            throw notMlflow("something that isn't JSON", e);
        }
        throw notMlflow("JSON that isn't an object", null);
    }

    private MlflowException notMlflow(String found, Exception e) {
        return new MlflowException(
                Kind.Refused,
                "expected an MLflow server at %s, it answered with %s: correct the address"
                        .formatted(settings.server(), found),
                e);
    }

    private MlflowException refused(String path, HttpResponse<byte[]> answer) throws MlflowException {
        var error = error(answer.body());
        var asked = path.replaceFirst("\\?.*", "");
        var found = "MLflow at %s answered %d to %s%s"
                .formatted(
                        settings.server(),
                        answer.statusCode(),
                        asked,
                        error.words().isEmpty() ? "" : ": " + error.words());
        return switch (answer.statusCode()) {
            case 401, 403 -> new MlflowException(Kind.Denied, found + "; " + secret.advice());
            case 404 ->
                error.code().isEmpty() && !asked.startsWith("mlflow-artifacts/")
                        ? notMlflow("404", null)
                        : new MlflowException(Kind.NotFound, found);
            default -> {
                if (error.code().equals("RESOURCE_ALREADY_EXISTS")) {
                    yield new MlflowException(Kind.Exists, found);
                }
                if (error.code().equals("RESOURCE_DOES_NOT_EXIST")) {
                    yield new MlflowException(Kind.NotFound, found);
                }
                if (answer.statusCode() >= 300 && answer.statusCode() < 400) {
                    yield new MlflowException(
                            Kind.Refused, found + "; expected the server itself, not a redirect to " + shown(answer));
                }
                yield new MlflowException(isPassing(answer.statusCode()) ? Kind.Unavailable : Kind.Refused, found);
            }
        };
    }

    private static String shown(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("Location")
                .map(location -> location.replaceFirst("[?#].*", ""))
                .orElse("nowhere");
    }

    /** What MLflow says about an error: a code and words, both empty where the answer isn't of its form. */
    private record ErrorWords(String code, String words) {}

    private static ErrorWords error(byte[] body) {
        try {
            var tree = JSON.readTree(body);
            if (tree != null && tree.isObject()) {
                return new ErrorWords(
                        tree.path("error_code").asText(""),
                        cut(tree.path("message").asText("")));
            }
        } catch (IOException e) {
            // A proxy's page, or plain text of the server's own.
            var text = new String(body, StandardCharsets.UTF_8).strip();
            return new ErrorWords("", text.startsWith("<") ? "" : cut(text));
        }
        return new ErrorWords("", "");
    }

    private static String cut(String text) {
        var line = text.replaceAll("\\s+", " ");
        return line.length() <= MAX_WORDS ? line : line.substring(0, MAX_WORDS - 1) + "…";
    }

    private static boolean isPassing(int status) {
        return status == 408 || status == 425 || status == 429 || status >= 500;
    }

    private Duration longer(Duration pause) {
        var doubled = pause.multipliedBy(2);
        return doubled.compareTo(settings.backoffMax()) < 0 ? doubled : settings.backoffMax();
    }

    private void sleep(Duration pause) throws MlflowException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MlflowException(Kind.Unavailable, "stopped while waiting for MLflow at " + settings.server(), e);
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}

package dev.tatara.operator.inferenceservice.analysis;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.artifacts.AddressGuard;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.operator.inferenceservice.analysis.Measurements.Answer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a Prometheus for one number (docs: HTTP API, instant queries). Whatever keeps it from answering is no verdict on
 * the candidate. A Secret of the service's namespace is read when it is needed, and kept nowhere.
 */
final class PrometheusSource {
    private static final int MOST_BYTES = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final AddressGuard guard = new AddressGuard(false);

    PrometheusSource(KubernetesClient client) {
        this.client = client;
    }

    /** Thrown with what a person should read. */
    private static final class NoAnswer extends Exception {
        private static final long serialVersionUID = 1L;

        NoAnswer(String message) {
            super(message);
        }
    }

    /**
     * The number that a query gives now. Waits for it.
     *
     * @param names what the query's placeholders stand for
     */
    Answer ask(Check.Prometheus asked, String namespace, Map<String, String> names) throws InterruptedException {
        try {
            var address = URI.create(asked.address().replaceFirst("/+$", "") + "/api/v1/query");
            guard.check(address);
            var secret = asked.secretRef() == null
                    ? Optional.<Secret>empty()
                    : Optional.of(secret(namespace, asked.secretRef().name()));
            var request = HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Accept", "application/json")
                    .header("User-Agent", "tatara-operator")
                    .POST(HttpRequest.BodyPublishers.ofString("query="
                            + URLEncoder.encode(Placeholders.fill(asked.query(), names), StandardCharsets.UTF_8)
                            + "&timeout=" + PATIENCE.toSeconds() + "s"));
            secret.flatMap(PrometheusSource::authorization).ifPresent(value -> request.header("Authorization", value));
            return new Answer.Value(number(send(request.build(), secret)));
        } catch (NoAnswer | IllegalArgumentException | ArtifactException e) {
            return new Answer.None("Prometheus at " + asked.address() + ": " + e.getMessage());
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request, Optional<Secret> secret)
            throws NoAnswer, InterruptedException {
        var builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER);
        var authorities = secret.flatMap(found -> data(found, "ca.crt"));
        if (authorities.isPresent()) {
            try {
                builder.sslContext(
                        SSLUtils.sslContext(null, SSLUtils.trustManagers(authorities.get(), null, false, null, null)));
            } catch (GeneralSecurityException | IOException e) {
                throw new NoAnswer("ca.crt of its Secret isn't a certificate: " + e.getMessage());
            }
        }
        try (var http = builder.build()) {
            var sent = http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
            try {
                return sent.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new NoAnswer("can't be asked: " + reason(e.getCause()));
            } catch (TimeoutException e) {
                throw new NoAnswer("no answer within " + PATIENCE.toSeconds() + " s");
            } finally {
                sent.cancel(true);
                http.shutdownNow();
            }
        }
    }

    private static double number(HttpResponse<byte[]> response) throws NoAnswer {
        var status = response.statusCode();
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED || status == HttpURLConnection.HTTP_FORBIDDEN) {
            throw new NoAnswer(
                    "answers " + status + "; name a Secret with token, or username and password, in secretRef");
        }
        var answer = json(response);
        if (status != HttpURLConnection.HTTP_OK) {
            throw new NoAnswer("refuses the query: " + answer.path("error").asText("it answers " + status));
        }
        var result = answer.path("data").path("result");
        return switch (answer.path("data").path("resultType").asText()) {
            case "scalar" -> value(result);
            case "vector" -> {
                if (result.size() != 1) {
                    throw new NoAnswer(
                            result.isEmpty()
                                    ? "the query gives nothing yet"
                                    : "the query gives " + result.size()
                                            + " series, expected one: aggregate them, as by" + " sum(…)");
                }
                yield value(result.path(0).path("value"));
            }
            case String other -> throw new NoAnswer("the query gives a " + other + ", expected one number");
        };
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws NoAnswer {
        try {
            return JSON.readTree(response.body());
        } catch (JacksonException e) {
            throw new NoAnswer("answers " + response.statusCode() + " and no JSON: is it a Prometheus?");
        } catch (IOException e) {
            throw new NoAnswer("can't be read: " + e.getMessage());
        }
    }

    /** {@code [<time>, "<number>"]}. */
    private static double value(JsonNode sample) throws NoAnswer {
        var text = sample.path(1).asText();
        try {
            return switch (text) {
                case "+Inf" -> Double.POSITIVE_INFINITY;
                case "-Inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(text);
            };
        } catch (NumberFormatException e) {
            throw new NoAnswer("the query gives \"" + text + "\", expected a number");
        }
    }

    private Secret secret(String namespace, String name) throws NoAnswer {
        try {
            var found = client.secrets().inNamespace(namespace).withName(name).get();
            if (found == null) {
                throw new NoAnswer("there is no Secret " + name);
            }
            return found;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                throw new NoAnswer("the operator may not read Secret " + name
                        + "; let its ServiceAccount get this one Secret by a Role of namespace " + namespace);
            }
            throw new NoAnswer("Secret " + name + " can't be read: " + e.getMessage());
        }
    }

    private static Optional<String> authorization(Secret secret) {
        return text(secret, "token").map(token -> "Bearer " + token).or(() -> text(secret, "username")
                .flatMap(user -> text(secret, "password").map(password -> user + ":" + password))
                .map(pair -> "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))));
    }

    private static Optional<String> text(Secret secret, String key) {
        return data(secret, key)
                .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8).strip())
                .filter(value -> !value.isEmpty());
    }

    private static Optional<String> data(Secret secret, String key) {
        return Optional.ofNullable(secret.getData()).map(data -> data.get(key));
    }

    private static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}

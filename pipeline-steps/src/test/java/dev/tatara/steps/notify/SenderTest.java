package dev.tatara.steps.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.tatara.api.v1alpha1.driftpolicy.Receiver;
import dev.tatara.contracts.Notified;
import dev.tatara.contracts.Outcome;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SenderTest {
    private static final String SECRET_PATH = "/services/T0/B0/geheim";
    private static final Duration PAUSE = Duration.ofMillis(5);

    @TempDir
    private Path folder;

    private HttpServer server;
    private final ConcurrentLinkedQueue<Integer> answers = new ConcurrentLinkedQueue<>();
    private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
    private final List<String> ids = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private String retryAfter;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            bodies.add(Message.JSON.readTree(exchange.getRequestBody()));
            ids.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
            var status = answers.isEmpty() ? 200 : answers.remove();
            if (retryAfter != null) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
            }
            var words = ("said about " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, words.length);
            exchange.getResponseBody().write(words);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aWebhookGetsTheMessageWithItsId() throws Exception {
        var notified = send(Receiver.Type.Webhook, """
                {"title": "churn drifts", "facts": {"share": 0.42}, "later": ["unknown", "fields"]}""");

        assertThat(notified).isEqualTo(new Notified(200, 1));
        assertThat(ids).containsExactly("churn/7");
        assertThat(bodies).containsExactly(Message.JSON.readTree("""
                {"title": "churn drifts", "facts": {"share": 0.42}, "later": ["unknown", "fields"], "id": "churn/7", "version": "1"}"""));
    }

    @Test
    void slackGetsTextAndBlocksWithoutMarkupOfOthers() throws Exception {
        send(Receiver.Type.Slack, """
                {"title": "churn drifts <!channel>", "text": "3 of 50 features & the answers", "severity": "warning",
                 "namespace": "ml", "service": "churn", "at": "2026-11-21T06:00:00Z", "facts": {"share": 0.42, "none": null},
                 "links": [{"title": "report", "url": "https://reports.example/1?a=1&b=2"}, {"url": "s3://bucket/report.html"}]}""");

        assertThat(bodies).containsExactly(Message.JSON.readTree("""
                {"text": "churn drifts &lt;!channel&gt;\\n3 of 50 features &amp; the answers\\nnamespace: ml, service: churn, share: 0.42",
                 "blocks": [
                  {"type": "header", "text": {"type": "plain_text", "text": "churn drifts <!channel>"}},
                  {"type": "section", "text": {"type": "mrkdwn", "text": "3 of 50 features &amp; the answers"}},
                  {"type": "section", "fields": [
                    {"type": "mrkdwn", "text": "*namespace*\\nml"},
                    {"type": "mrkdwn", "text": "*service*\\nchurn"},
                    {"type": "mrkdwn", "text": "*share*\\n0.42"}]},
                  {"type": "section", "text": {"type": "mrkdwn", "text": "<https://reports.example/1?a=1&amp;b=2|report>   s3://bucket/report.html"}},
                  {"type": "context", "elements": [{"type": "mrkdwn", "text": "warning · 2026-11-21T06:00:00Z · churn/7"}]}]}"""));
    }

    @Test
    void longTextsAreCutToWhatSlackTakes() throws Exception {
        var facts = new ArrayList<String>();
        for (var number = 0; number < 30; number++) {
            facts.add("\"fact-%d\": \"%s\"".formatted(number, "x".repeat(300)));
        }
        send(
                Receiver.Type.Slack,
                "{\"title\": \"%s\", \"text\": \"%s\", \"facts\": {%s}}"
                        .formatted("t".repeat(400), "&".repeat(2000), String.join(",", facts)));

        var body = bodies.getFirst();
        assertThat(body.at("/text").asText()).hasSize(3000);
        assertThat(body.at("/blocks/0/text/text").asText()).hasSize(150).endsWith("…");
        assertThat(body.at("/blocks/1/text/text").asText()).hasSize(3000);
        assertThat(body.at("/blocks/2/fields")).hasSize(10);
    }

    @Test
    void whoIsBusyOrInTroubleIsAskedAgain() throws Exception {
        answers.addAll(List.of(503, 429, 500));

        assertThat(send(Receiver.Type.Webhook, "{\"title\": \"x\"}")).isEqualTo(new Notified(200, 4));
        assertThat(ids).containsOnly("churn/7");
        assertThat(bodies).containsOnly(bodies.getFirst());
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("127.0.0.1 answered 503: said about …; trying again in")
                .doesNotContain("geheim");
    }

    @Test
    void aReceiversOwnWishIsHeeded() throws Exception {
        answers.add(429);
        retryAfter = "3600";

        var failure = failureOf(() -> send(Receiver.Type.Webhook, "{\"title\": \"x\"}"));
        assertThat(failure.reason()).isEqualTo("ReceiverUnavailable");
        assertThat(failure).hasMessageContaining("answered 429").hasMessageContaining("tried 1 times within 60 s");
        assertThat(bodies).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 410, 302})
    void whoRefusesIsNotAskedAgain(int status) {
        answers.add(status);

        var failure = failureOf(() -> send(Receiver.Type.Slack, "{\"title\": \"x\"}"));
        assertThat(failure.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(failure.reason()).isEqualTo("ReceiverRefused");
        assertThat(failure).hasMessageContaining("127.0.0.1 answered " + status);
        assertThat(failure.getMessage()).doesNotContain("geheim");
        assertThat(bodies).hasSize(1);
    }

    @Test
    void whoIsAwayIsTriedUntilTheDeadline() throws Exception {
        var url = urlFile("http://127.0.0.1:" + server.getAddress().getPort() + SECRET_PATH);
        server.stop(0);

        var failure = failureOf(() ->
                new Sender(Duration.ofSeconds(1), PAUSE, progress()).send(Target.of(url), new byte[0], "churn/7"));
        assertThat(failure.outcome()).isEqualTo(Outcome.Failed);
        assertThat(failure.reason()).isEqualTo("ReceiverUnavailable");
        assertThat(failure).hasMessageContaining("127.0.0.1 doesn't answer: ConnectException");
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("trying again")
                .doesNotContain("geheim");
        // So that the server can be stopped again.
        start();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/geheim",
                "http://[fd00:ec2::254]/geheim",
                "http://0.0.0.0/geheim",
                "file:///etc/geheim",
                "https:geheim",
                "https://user:geheim@example.com/",
                "https://example.com/ge heim"
            })
    void nothingGoesWhereNoReceiverIs(String url) throws Exception {
        var file = urlFile(url);

        var failure = failureOf(() ->
                new Sender(Duration.ofSeconds(1), PAUSE, progress()).send(Target.of(file), new byte[0], "churn/7"));
        assertThat(failure.outcome()).isEqualTo(Outcome.Rejected);
        assertThat(failure.reason()).isEqualTo("InvalidReceiver");
        assertThat(failure.getMessage()).doesNotContain("geheim");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "{\"title\": \" \"}", "{\"title\"", ""})
    void aMessageHasATitle(String json) {
        assertThat(failureOf(() -> send(Receiver.Type.Webhook, json)).reason()).isEqualTo("InvalidMessage");
        assertThat(bodies).isEmpty();
    }

    @Test
    void aMissingUrlIsSaid() {
        assertThat(failureOf(() -> Target.of(folder.resolve("url"))))
                .hasMessageContaining("urlSecretRef")
                .extracting(StepFailure::reason)
                .isEqualTo("SecretMissing");
    }

    private Notified send(Receiver.Type type, String json) throws StepFailure, IOException {
        var target = Target.of(urlFile("http://127.0.0.1:" + server.getAddress().getPort() + SECRET_PATH + "\n"));
        var message = Files.writeString(folder.resolve("message.json"), json);
        return new Sender(Duration.ofMinutes(1), PAUSE, progress())
                .send(target, Message.read(message).bodyFor(type, "churn/7"), "churn/7");
    }

    private Path urlFile(String url) throws IOException {
        return Files.writeString(folder.resolve("url"), url);
    }

    private Progress progress() {
        return new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    private static StepFailure failureOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable send) {
        return catchThrowableOfType(StepFailure.class, send);
    }
}

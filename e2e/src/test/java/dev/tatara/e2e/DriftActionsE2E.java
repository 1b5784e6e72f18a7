package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.drift.Watched;
import dev.tatara.e2e.load.ConstantLoad;
import dev.tatara.e2e.load.ModelEndpoint;
import dev.tatara.e2e.monitoring.AlertPosts;
import dev.tatara.e2e.monitoring.Receiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What policies do besides retraining: a promotion is taken back while requests go on, and people are told, once. */
@OnCluster
@Tag("host")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ResourceLock("load")
class DriftActionsE2E {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Enough for evaluations; that no rate fails is shown by RollingUpdateE2E and CanaryKillE2E. */
    private static final int REQUESTS_PER_SECOND = 30;

    private static final String SERVICE = "worse";
    private static final Duration COOLDOWN = Duration.ofSeconds(20);

    private final Cluster cluster;
    private final TestNamespace namespace;
    private final AlertPosts alert;

    private Receiver receiver;
    private Instant firstEpisode;

    DriftActionsE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.alert = new AlertPosts(cluster, namespace, "SlowAnswers", SERVICE);
    }

    @BeforeAll
    void start() {
        receiver = Receiver.start();
        namespace.createSecret(
                "receivers",
                Map.of(
                        "team", receiver.address("team").toString(),
                        "pager", receiver.address("pager").toString(),
                        "alerts", receiver.address("alerts").toString()));
    }

    @AfterAll
    void stop() {
        if (receiver != null) {
            receiver.close();
        }
    }

    @Test
    @Order(1)
    void anAlertIsToldOfOnceHoweverLongItFires() {
        namespace.apply("""
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: DriftPolicy
            metadata: {name: alerted}
            spec:
              target: {inferenceService: worse}
              window: {every: 5s}
              alerts: {matchLabels: {alertname: SlowAnswers, service: worse}}
              cooldown: %ds
              actions: [{name: tell, when: [Alert], then: Notify}]
              notify: [{name: pager, type: Webhook, urlSecretRef: {name: receivers, key: alerts}}]
            """.formatted(COOLDOWN.toSeconds()));
        firstEpisode = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        alert.fires(firstEpisode);
        var told = awaitMessage("alerts");
        assertThat(told.path("title").asText()).contains("alerted", "Alert", SERVICE);
        assertThat(told.path("reason").asText()).contains("SlowAnswers");
        assertThat(told.path("policy").asText()).isEqualTo("alerted");
        assertThat(told.path("namespace").asText()).isEqualTo(namespace.name());

        alert.fires(firstEpisode);
        var handled = awaitPolicy("alerted", policy -> assertThat(Watched.trigger(policy, "tell"))
                .as("%s", policy.status())
                .containsEntry("state", "Handled"));
        assertThat(told.path("id").asText())
                .isEqualTo(Watched.trigger(handled, "tell").get("id"));
        alert.fires(firstEpisode);
        alert.isResolved(firstEpisode);
        awaitPolicy("alerted", policy -> assertThat(policy.phase()).isEqualTo("Healthy"));
    }

    @Test
    @Order(2)
    void aPromotionThatAnswersOtherwiseIsTakenBack() {
        serve(2);
        try (var load = ConstantLoad.on(new ModelEndpoint(namespace.address(SERVICE), SERVICE), REQUESTS_PER_SECOND)) {
            namespace.apply(policy(expectedAnswers()));
            awaitPolicy(SERVICE, policy -> assertThat(policy.phase())
                    .as("%s", policy.status())
                    .isEqualTo("Healthy"));
            serve(4);

            var takenBack = namespace.awaitInferenceService(
                    SERVICE, object -> assertThat(object.phase()).isEqualTo("RolledBack"));
            assertThat(takenBack.status("stable", "modelVersion")).isEqualTo("worse-2");
            assertThat(firstOf(takenBack, "rejected"))
                    .containsEntry("modelVersion", "worse-4")
                    .containsEntry("quarantine", true)
                    .extractingByKey("reason")
                    .asString()
                    .contains("DriftPolicy worse", "PredictionDrift", "y[");
            namespace.awaitModelVersion("worse-4", version -> assertThat(version.status("quarantine"))
                    .isNotNull());

            awaitPolicy(SERVICE, policy -> {
                assertThat(policy.phase()).as("%s", policy.status()).isEqualTo("Healthy");
                assertThat(Watched.trigger(policy, "back"))
                        .as("%s", policy.status())
                        .containsEntry("state", "Handled")
                        .containsEntry("effect", "Helped");
                assertThat(Watched.trigger(policy, "tell")).containsEntry("state", "Handled");
            });
            var worse = load.answersOf(4);
            var good = load.answersOf(2);
            await("answers of what serves again")
                    .atMost(Cluster.LIMIT)
                    .until(() -> load.answersOf(2) >= good + REQUESTS_PER_SECOND);
            assertThat(load.answersOf(4)).isEqualTo(worse);
            awaitTwoEvaluations();
            load.stop().assertUnfailing(SERVICE);
        }
        namespace.inferenceService(SERVICE).hasCondition("Ready", "True").hasCondition("UpToDate", "False");
        assertThat(namespace.kubectl("describe", "infsvc", SERVICE).succeeded())
                .containsPattern("Warning +RolledBack .*worse-4.*DriftPolicy worse: PredictionDrift");
        assertThat(namespace.kubectl("describe", "drift", SERVICE).succeeded())
                .containsPattern("Warning +Breached")
                .containsPattern("Normal +ActionHelped");
    }

    @Test
    @Order(3)
    void whoIsNamedWasToldOnceOfTheRollback() {
        var sent = awaitMessage("pager");
        assertThat(sent.path("title").asText()).contains("PredictionDrift", SERVICE);
        assertThat(sent.path("service").asText()).isEqualTo(SERVICE);
        assertThat(sent.path("reason").asText()).contains("2 evaluations in a row", "y[");
        assertThat(sent.path("facts").path("model version").asText()).isEqualTo("worse-4");
        assertThat(sent.path("facts").has("back")).as("%s", sent).isTrue();
        assertThat(sent.path("links").path(0).path("url").asText()).endsWith("/report.html");

        var shown = awaitMessage("team");
        assertThat(shown.path("text").asText())
                .contains("PredictionDrift", SERVICE, "worse-4", "2 evaluations in a row");
        assertThat(shown.path("blocks").path(0).path("type").asText()).isEqualTo("header");
        assertThat(receiver.messages("team").getFirst().id())
                .isEqualTo(receiver.messages("pager").getFirst().id());
    }

    @Test
    @Order(4)
    void theNextEpisodeIsToldOfAgain() {
        awaitMessage("alerts");
        await("the cooldown").atMost(Cluster.LIMIT).until(() -> Instant.now()
                .isAfter(Instant.parse(String.valueOf(
                        firstOf(namespace.driftPolicy("alerted"), "actions").get("cooldownUntil")))));
        var again = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        assertThat(again).isAfter(firstEpisode);
        alert.fires(again);
        await("the second message")
                .atMost(Cluster.LIMIT)
                .until(() -> receiver.messages("alerts").size() > 1);
        alert.isResolved(again);
        awaitPolicy("alerted", policy -> assertThat(policy.phase()).isEqualTo("Healthy"));
        assertThat(receiver.messages("alerts"))
                .extracting(Receiver.Message::id)
                .doesNotHaveDuplicates()
                .hasSize(2);
    }

    private void serve(int factor) {
        var version = SERVICE + "-" + factor;
        namespace.apply(Manifests.modelVersion(
                version, SERVICE, Integer.toString(factor), namespace.upload("times-" + factor), "None"));
        namespace.awaitModelVersion(version, object -> object.hasCondition("Ready", "True"));
        namespace.apply(Manifests.pinned(SERVICE, version, 2) + "  monitoring: {pane: 2s}\n");
        namespace.awaitServing(SERVICE, version);
    }

    /** What a good version answers, as a table that live answers are compared with. */
    private String expectedAnswers() {
        var key = namespace.key("answers.csv");
        cluster.store().put(key, ("y[0],y[1]\n" + "2,14\n".repeat(500)).getBytes(StandardCharsets.UTF_8));
        return "s3://models/" + key;
    }

    private static String policy(String reference) {
        return """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: DriftPolicy
            metadata: {name: worse}
            spec:
              target: {inferenceService: worse}
              reference: {uri: "%s"}
              window: {length: 20s, every: 5s, minSamples: 200}
              prediction: {test: PSI, distance: 0.2}
              consecutiveBreaches: 2
              cooldown: 1h
              actions:
                - {name: back, when: [PredictionDrift], then: Rollback}
                - {name: tell, when: [PredictionDrift], then: Notify}
              notify:
                - {name: team, type: Slack, urlSecretRef: {name: receivers, key: team}}
                - {name: pager, type: Webhook, urlSecretRef: {name: receivers, key: pager}}
              report: {html: true}
            """.formatted(reference);
    }

    private CustomObject awaitPolicy(String name, Consumer<CustomObject> assertion) {
        return namespace.awaitDriftPolicy(name, Cluster.LIMIT, assertion);
    }

    private void awaitTwoEvaluations() {
        var seen = new HashSet<Object>();
        awaitPolicy(SERVICE, policy -> {
            seen.add(policy.status("lastEvaluation", "at"));
            assertThat(seen).hasSizeGreaterThan(2);
        });
    }

    /** The only message that came to a channel, as soon as one did. */
    private JsonNode awaitMessage(String channel) {
        await("a message to " + channel).atMost(Cluster.LIMIT).until(() -> !receiver.messages(channel)
                .isEmpty());
        var messages = receiver.messages(channel);
        assertThat(messages).as("messages to %s", channel).hasSize(1);
        try {
            return JSON.readTree(messages.getFirst().body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> firstOf(CustomObject object, String list) {
        List<Map<String, Object>> all = object.resource().get("status", list);
        return all == null || all.isEmpty() ? Map.of() : all.getFirst();
    }
}

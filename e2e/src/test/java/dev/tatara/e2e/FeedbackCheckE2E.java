package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.experiment.People;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Candidates are judged by what clients report back: without a label nothing goes on, and who is wrong goes back. */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FeedbackCheckE2E {
    private static final String SERVICE = "truth";
    private static final int PEOPLE = 150;
    private static final int ENOUGH = 40;
    /** Everybody asks about 1 and 7, and all models but one find the second of them the larger one. */
    private static final String RIGHT = "1";

    private final TestNamespace namespace;
    private People people;

    FeedbackCheckE2E(TestNamespace namespace) {
        this.namespace = namespace;
    }

    @BeforeAll
    void serve() {
        prepare("2", "times-2");
        prepare("3", "times-3");
        prepare("wrong", "times-minus-1");
        namespace.apply(service("2"));
        namespace.awaitServing(SERVICE, SERVICE + "-2");
        people = new People(namespace.address(SERVICE), SERVICE, PEOPLE, "x-user-id");
    }

    @AfterAll
    void end() {
        people.close();
    }

    @Test
    @Order(1)
    void whoIsWrongGoesBackOnceItIsKnown() {
        roll("wrong");
        assertThat(people.ask()).as("versions that answer").contains("2", "wrong");
        // Nobody knows yet who is right.
        assertThat(check().get("verdict")).isEqualTo("InsufficientData");

        people.correct(RIGHT);

        var back = namespace.awaitInferenceService(
                SERVICE, object -> assertThat(object.phase()).isEqualTo("RolledBack"));
        assertThat(Multiplier.list(back, "rejected")).singleElement().satisfies(rejection -> assertThat(rejection)
                .containsEntry("modelVersion", SERVICE + "-wrong")
                .containsEntry("quarantine", true)
                .extractingByKey("reason")
                .asString()
                .contains("truth", "accuracy 0 of", "good is from 0.9 on"));
        awaitEverybodyWith("2");
        assertThat(namespace.kubectl("describe", "infsvc", SERVICE).succeeded()).contains("accuracy 0 of");
    }

    @Test
    @Order(2)
    void whoIsRightTakesOverOnceItIsKnown() {
        roll("3");
        assertThat(people.ask()).as("versions that answer").contains("2", "3");
        people.correct(RIGHT);
        namespace.awaitServing(SERVICE, SERVICE + "-3");
        awaitEverybodyWith("3");
    }

    private void awaitEverybodyWith(String version) {
        await("people").atMost(Cluster.LIMIT).untilAsserted(() -> assertThat(people.ask())
                .as("versions that answer")
                .containsOnly(version));
    }

    /** Waits until the candidate has its half of the requests and its check has been looked at. */
    private void roll(String version) {
        namespace.apply(service(version));
        namespace.awaitInferenceService(SERVICE, object -> {
            assertThat(object.status("candidate", "modelVersion")).isEqualTo(SERVICE + "-" + version);
            assertThat(object.status("candidate", "observedWeight")).isEqualTo(50);
            assertThat((List<?>) object.status("rollout", "checks")).isNotEmpty();
        });
    }

    private Map<?, ?> check() {
        return (Map<?, ?>) ((List<?>) namespace.inferenceService(SERVICE).status("rollout", "checks")).getFirst();
    }

    private void prepare(String version, String file) {
        var name = SERVICE + "-" + version;
        namespace.apply(Manifests.modelVersion(name, SERVICE, version, namespace.upload(file), "None"));
        namespace.awaitModelVersion(name, object -> object.hasCondition("Ready", "True"));
    }

    private static String service(String version) {
        return Manifests.pinned(SERVICE, SERVICE + "-" + version, 1, """
            {strategy: Canary, scaleDownDelay: 5s,
             canary: {steps: [{name: half, weight: 50, hold: 1s}, {name: all, weight: 100}]},
             analysis: {interval: 10s, minSamples: %d, checks: [
               {name: truth, performance: {metric: accuracy, min: 0.9, source: Feedback}}]}}""".formatted(ENOUGH)) + Manifests.PROMPT_LEDGER;
    }
}

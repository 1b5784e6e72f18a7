package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.Call;
import dev.tatara.e2e.load.Calls;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What people do to a canary that is under way, and what one does that nobody asks anything: one service, in turns. */
@OnCluster
@ResourceLock("load")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CanaryOrdersE2E {
    private static final int SOME = 100;
    private static final Duration HOLD = Duration.ofSeconds(8);

    private final Multiplier service;

    CanaryOrdersE2E(TestNamespace namespace) {
        this.service = new Multiplier(namespace, "orders");
    }

    @Test
    @Order(1)
    void withoutRequestsItWaitsForSamplesAndThenForSomebody() {
        service.serve(2);
        service.prepare(3, 4);
        try (var story = service.story()) {
            service.roll(3, """
                {strategy: Canary, scaleDownDelay: 5s, stepTimeout: 10s, canary: {steps: [
                  {name: taste, weight: 10, hold: 2s, analysis: {interval: 1s, minSamples: 50, checks: [
                    {name: errors, errorRate: {max: 0.01}}]}},
                  {name: all, weight: 100}]}}""");
            var waits = story.awaitFirst(
                    "a wait for samples", object -> message(object).contains("waiting for checks: errors"));
            assertThat(message(waits.object())).contains("waiting for 50 requests (0 so far)");
            waits.object().hasCondition("AnalysisPassed", "Unknown", "InsufficientData", "errors");
            var paused = service.awaitPhase("Paused");
            assertThat(paused.status("rollout", "pauseReason")).isEqualTo("StepTimeout");
            assertThat(message(paused)).contains("paused after waiting for 10s", "mlops.tatara.dev/promote=");
            assertThat(story.values("candidate", "weight"))
                    .as("weights while it waits")
                    .containsExactly(0, 10);
            service.promote();
            service.awaitServing(3);
        }
    }

    @Test
    @Order(2)
    void peopleChangeTheirMinds() {
        Instant replaced;
        try (var load = service.load()) {
            load.awaitMore(3, SOME);
            try (var story = service.story()) {
                service.roll(4, steps(false));
                service.awaitStep("taste", 30);
                aPauseHoldsIt();
                service.awaitStep("half", 60);
                load.awaitMore(4, SOME);
                service.roll(2, steps(false));
                replaced = story.awaitFirst("another candidate", object -> "orders-2"
                                .equals(object.status("candidate", "modelVersion")))
                        .at();
                service.awaitStep("taste", 30);
                load.awaitMore(2, SOME);
                assertThat(story.values("candidate", "weight")).containsExactly(0, 30, 60, 0, 30);
            }
            ended("orders-4", "Superseded", "another revision was asked for");
            service.roll(3, steps(false));
            service.awaitServing(3);
            ended("orders-2", "Aborted", "the spec asks for stable again");
            assertThat(service.rejected()).isEmpty();
            isGoneBeforeTheNext(load.calls(), replaced);
            service.roll(4, steps(false));
            service.awaitStep("taste", 30);
            load.awaitMore(4, SOME);
            service.abort();
            service.awaitPhase("RolledBack");
            ended("orders-4", "Aborted", "aborted by annotation");
            load.awaitMore(3, SOME);
            var after = Instant.now();
            load.awaitMore(3, SOME);
            assertThat(load.calls().since(after).byFactor()).containsOnlyKeys(3);
            service.report(load.stop());
        }
        assertThat(service.rejected()).singleElement().satisfies(rejection -> assertThat(rejection)
                .containsEntry("modelVersion", "orders-4")
                .containsEntry("quarantine", false));
    }

    /** The hold ends meanwhile, and nothing comes of it. */
    private void aPauseHoldsIt() {
        await("the hold to begin")
                .atMost(Cluster.LIMIT)
                .until(() -> service.object().status("rollout", "heldSince") != null);
        service.roll(4, steps(true));
        var paused = service.awaitPhase("Paused");
        var over = Instant.parse(String.valueOf(paused.status("rollout", "heldSince")))
                .plus(HOLD)
                .plusSeconds(2);
        await("the end of the hold").until(() -> Instant.now().isAfter(over));
        var after = service.object();
        assertThat(after.status("rollout", "stepName")).isEqualTo("taste");
        assertThat(after.status("candidate", "weight")).isEqualTo(30);
        assertThat(message(after)).contains("paused by spec.rollout.paused");
        service.roll(4, steps(false));
    }

    /** The candidate that was replaced, by 4, has answered for the last time before the next one, by 2, does for the first. */
    private static void isGoneBeforeTheNext(Calls calls, Instant replaced) {
        var last = calls.latestOf(4).orElseThrow();
        var next = calls.only(call -> call.factor() == 2).all().stream()
                .map(Call::ended)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        System.out.printf(
                "orders: the candidate that was replaced answered until %d ms after, the next one from %d ms after%n",
                Duration.between(replaced, last).toMillis(),
                Duration.between(replaced, next).toMillis());
        assertThat(last).isBefore(next);
    }

    private void ended(String modelVersion, String outcome, String reason) {
        assertThat(service.history()).first().satisfies(end -> assertThat(end)
                .containsEntry("modelVersion", modelVersion)
                .containsEntry("outcome", outcome)
                .containsEntry("reason", reason));
    }

    private static String message(CustomObject object) {
        return String.valueOf(object.status("rollout", "message"));
    }

    private static String steps(boolean paused) {
        return """
            {strategy: Canary, paused: %s, canary: {steps: [
              {name: taste, weight: 30, hold: %ds}, {name: half, weight: 60, manual: true}, {name: all, weight: 100}]}}""".formatted(paused, HOLD.toSeconds());
    }
}

package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.testing.GoldenFolder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rollouts of all strategies: how they go on, wait, fail, and what people tell them. */
class RolloutStoriesTest extends InferenceServiceStory {
    private static final String CANARY = """
            {model: {follow: {model: churn, stage: Production}}, replicas: 4, rollout: {
              strategy: Canary, scaleDownDelay: 1m, stepTimeout: 5m,
              canary: {
                steps: [{name: taste, weight: 5, hold: 1m}, {name: half, weight: 50, manual: true}, {name: all, weight: 100}],
                sticky: {header: x-user}, match: [{header: x-canary, value: "true"}]}}}""";

    private static final String JUDGED = "{model: {follow: {model: churn, stage: Production}}, replicas: 2,"
            + " rollout: {%s strategy: Canary, scaleDownDelay: 1m, canary: {steps: [{name: some, weight: 20},"
            + " {name: all, weight: 100}]}, analysis: {checks: [{name: errors, errorRate: {max: 0.01}}]}}}";

    private static final String EXPERIMENT =
            "strategy: ABTest, abTest: {sticky: {header: x-user}, metric: {name: sold, kind: Proportion},"
                    + " baselineRate: 0.1, minimumEffect: 0.01}";

    @Test
    void refused() throws IOException {
        serveFirst();
        cluster.specify("{model: {versionRef: {name: churn-2}}, replicas: 2, rollout: {paused: true}}");
        cluster.choose(2);
        tell("paused");
        cluster.specify("{model: {versionRef: {name: churn-2}}, replicas: 2, rollout: {" + EXPERIMENT + "}}");
        tell("experiment-without-a-ledger");

        GoldenFolder.compare(STORIES.resolve("refused"), pages);
    }

    @Test
    void canaried() throws IOException {
        cluster.specify(CANARY);
        serveFirst();
        cluster.choose(2);
        tell("candidate-starts");
        cluster.podsGetReady();
        cluster.podsUnreachable(true);
        tell("5-percent-not-acknowledged");
        cluster.podsUnreachable(false);
        tell("5-percent-holding");
        pass(60);
        tell("half-waits-for-pods");
        cluster.podsGetReady();
        tell("half-waits-for-somebody");
        cluster.annotate("promote", "0123456789");
        tell("somebody-means-another");
        cluster.annotate("promote", candidate());
        tell("somebody-promotes");
        cluster.podsGetReady();
        tell("all-and-promoted");
        pass(60);
        tell("old-pods-go");

        GoldenFolder.compare(STORIES.resolve("canaried"), pages);
    }

    @Test
    void canaryCrashes() throws IOException {
        cluster.specify(CANARY);
        serveFirst();
        cluster.choose(2);
        step();
        tell("candidate-starts");
        cluster.breakRevision(candidate());
        cluster.podsWait(candidate(), "CrashLoopBackOff", "the model wants 5 GiB of memory and may have 1 GiB");
        pass(600);
        var bad = candidate();
        tell("rolled-back");
        cluster.mend();
        cluster.annotate("retry", bad);
        tell("somebody-retries");

        GoldenFolder.compare(STORIES.resolve("canary-crashes"), pages);
    }

    /** No restart helps a process against its limit: nobody waits for the deadline. */
    @Test
    void canaryRunsOutOfMemory() throws IOException {
        cluster.specify(CANARY);
        serveFirst();
        cluster.choose(2);
        step();
        step();
        cluster.breakRevision(candidate());
        cluster.podsEnd(candidate(), 0, "OOMKilled");
        tell("killed-once");
        cluster.podsEnd(candidate(), 1, "OOMKilled");
        pass(20);
        tell("killed-again-and-rolled-back");

        GoldenFolder.compare(STORIES.resolve("canary-runs-out-of-memory"), pages);
    }

    @Test
    void canaryPausesForWantOfPods() throws IOException {
        cluster.specify(CANARY.replace("strategy:", "onFailure: Pause, strategy:"));
        serveFirst();
        cluster.choose(2);
        step();
        step();
        cluster.breakRevision(candidate());
        cluster.podsRun(candidate());
        pass(600);
        tell("not-ready-in-time-and-paused");
        cluster.mend();
        cluster.annotate("retry", candidate());
        tell("somebody-retries");
        cluster.podsGetReady();
        tell("5-percent");

        GoldenFolder.compare(STORIES.resolve("canary-pauses-for-pods"), pages);
    }

    @Test
    void canaryFailsACheck() throws IOException {
        judged("");
        cluster.checksFind(List.of(errors(Verdict.InsufficientData, 12)));
        pass(30);
        tell("too-few-samples");
        cluster.checksFind(List.of(errors(Verdict.Failed, 900)));
        pass(30);
        tell("failed-and-rolled-back");
        pass(60);
        tell("candidate-goes");
        cluster.quarantine(2);
        tell("model-quarantined");

        GoldenFolder.compare(STORIES.resolve("canary-fails-a-check"), pages);
    }

    @Test
    void canaryPausesAtAFailure() throws IOException {
        judged("onFailure: Pause,");
        cluster.checksFind(List.of(errors(Verdict.Failed, 900)));
        pass(30);
        tell("failed-and-paused");
        cluster.checksFind(List.of(errors(Verdict.Passed, 900)));
        var bad = candidate();
        cluster.annotate("abort", bad);
        tell("somebody-aborts");
        cluster.annotate("retry", bad);
        cluster.checksFind(List.of(errors(Verdict.Failed, 900)));
        for (int i = 0; i < 6; i++) {
            step();
            cluster.podsGetReady();
        }
        pass(30);
        tell("failed-again-and-paused");

        GoldenFolder.compare(STORIES.resolve("canary-pauses"), pages);
    }

    /** A person's word stands above what checks find, for as far as it goes. */
    @Test
    void canaryIsLetPassToTheEnd() throws IOException {
        judged("");
        cluster.specify(JUDGED.formatted("paused: true,"));
        cluster.annotate("promote", candidate() + "/full");
        cluster.checksFind(List.of(errors(Verdict.Failed, 900)));
        pass(30);
        tell("paused-and-a-check-fails");
        cluster.specify(JUDGED.formatted(""));
        tell("goes-on");
        cluster.podsGetReady();
        tell("promoted");

        GoldenFolder.compare(STORIES.resolve("canary-let-pass"), pages);
    }

    @Test
    void canaryIsLetPassByOneStep() throws IOException {
        judged("onFailure: Pause,");
        cluster.checksFind(List.of(errors(Verdict.Failed, 900)));
        pass(30);
        step();
        cluster.annotate("promote", candidate());
        tell("the-next-step");
        cluster.podsGetReady();
        step();
        step();
        pass(30);
        tell("whose-checks-count");

        GoldenFolder.compare(STORIES.resolve("canary-let-pass-by-a-step"), pages);
    }

    private void judged(String terms) {
        cluster.specify(JUDGED.formatted(terms));
        serveFirst();
        cluster.choose(2);
        for (int i = 0; i < 6; i++) {
            step();
            cluster.podsGetReady();
        }
    }

    private static CheckResult errors(Verdict verdict, long samples) {
        return new CheckResult(
                "errors", 0.0, 0.2, samples, verdict, "20 % of " + samples + " requests failed, at most 1 % may");
    }

    @Test
    void blueAndGreen() throws IOException {
        cluster.specify("{model: {follow: {model: churn, stage: Production}}, replicas: 2, rollout: {"
                + " strategy: BlueGreen, blueGreen: {preview: true, postPromotion: {hold: 1m}}}}");
        serveFirst();
        cluster.choose(2);
        step();
        step();
        cluster.podsGetReady();
        tell("preview-waits-for-somebody");
        plan(Optional.empty()).apply().stream()
                .filter(object -> object.getMetadata().getName().equals("churn-preview"))
                .forEach(object -> pages.put("out-preview-Service.yaml", object));
        cluster.annotate("promote", candidate());
        tell("switched-and-holding");
        pass(60);
        tell("promoted");

        GoldenFolder.compare(STORIES.resolve("blue-green"), pages);
    }

    @Test
    void shadowed() throws IOException {
        cluster.specify("{model: {follow: {model: churn, stage: Production}}, replicas: 2, rollout: {"
                + " strategy: Shadow, shadow: {percent: 50, hold: 1m, thenPromote: true}}}");
        serveFirst();
        cluster.choose(2);
        step();
        step();
        cluster.podsGetReady();
        tell("copies-are-sent");
        cluster.checksFind(List.of(new CheckResult(
                CheckResult.COMPARISON, null, 0.001, 2000, Verdict.Passed, "0.1 % of 2000 answers differ")));
        pass(60);
        tell("answers-agree");
        cluster.podsGetReady();
        tell("promoted");

        GoldenFolder.compare(STORIES.resolve("shadowed"), pages);
    }

    @Test
    void experimented() throws IOException {
        cluster.specify("{model: {follow: {model: churn, stage: Production}}, replicas: 2, monitoring: {ledger: true},"
                + " rollout: {" + EXPERIMENT + "}}");
        serveFirst();
        cluster.choose(2);
        step();
        step();
        cluster.podsGetReady();
        tell("experiment-runs");
        cluster.checksFind(List.of(new CheckResult(
                CheckResult.EXPERIMENT, 0.10, 0.13, 4000, Verdict.Passed, "the candidate won: +3 points, p = 0.002")));
        pass(30);
        tell("decided");
        cluster.annotate("promote", candidate());
        tell("somebody-promotes");

        GoldenFolder.compare(STORIES.resolve("experimented"), pages);
    }

    @Test
    void superseded() throws IOException {
        cluster.specify(CANARY);
        serveFirst();
        cluster.choose(2);
        for (int i = 0; i < 6; i++) {
            step();
            cluster.podsGetReady();
        }
        cluster.choose(3);
        tell("another-candidate");
        cluster.podsGetReady();
        tell("which-gets-5-percent");
        cluster.choose(1);
        tell("reverted");

        GoldenFolder.compare(STORIES.resolve("superseded"), pages);
    }
}

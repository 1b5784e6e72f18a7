package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.inferenceservice.plan.RolloutPlanner;
import dev.tatara.operator.inferenceservice.plan.SimulatedCluster;
import dev.tatara.operator.inferenceservice.plan.Support;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.testing.GoldenFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What people read while a service goes through its life, step by step as golden files: status, events, and what is
 * done. {@code served/} also has every object in full.
 */
class InferenceServiceStoriesTest {
    private static final Path STORIES = Path.of("src/test/resources/inferenceservice");
    private static final String FOLLOWING =
            "{model: {follow: {model: churn, stage: Production}}, replicas: 2, rollout: {scaleDownDelay: 1m}}";

    private final Map<String, Object> pages = new TreeMap<>();
    private final SimulatedCluster cluster = new SimulatedCluster(FOLLOWING);

    @Test
    void served() throws IOException {
        tell("nothing-to-serve-yet");
        cluster.choose(1);
        tell("first-revision");
        tell("pods-starting");
        cluster.podsGetReady();
        tell("ready");

        var objects = plan(Optional.empty()).apply();
        objects.forEach(object -> pages.put("out-" + object.getKind() + ".yaml", object));
        GoldenFolder.compare(STORIES.resolve("served"), pages);
    }

    @Test
    void tuned() throws IOException {
        var tuned = new SimulatedCluster("{model: {follow: {model: churn, stage: Production}},"
                + " batching: {maxBatchSize: 64, maxDelay: 5ms, maxQueue: 500},"
                + " limits: {requestsPerSecond: 2000, perClient: 100}, protocols: {grpc: false}}");
        tuned.choose(1);
        plan(tuned, Optional.empty()).apply().stream()
                .filter(object -> object.getKind().equals("ConfigMap"))
                .forEach(object -> pages.put("out-ConfigMap.yaml", object));
        GoldenFolder.compare(STORIES.resolve("tuned"), pages);
    }

    @Test
    void lookedUp() throws IOException {
        cluster.specify("{model: {follow: {model: churn, stage: Production}}, replicas: 2,"
                + " features: {featureViews: [{name: user-activity}, {name: user-account}], timeout: 20ms},"
                + " rollout: {scaleDownDelay: 1m}}");
        cluster.choose(1);
        cluster.views(view("user-activity", "24h", "{enabled: true, redis: {secretRef: {name: redis}}}", "INT64"));
        tell("a-view-is-missing");
        var account =
                view("user-account", "0s", "{project: prod, redis: {secretRef: {name: redis-of-accounts}}}", "STRING");
        cluster.views(
                view("user-activity", "24h", "{enabled: true, redis: {secretRef: {name: redis}}}", "INT64"), account);
        tell("a-view-is-not-online");
        account = view(
                "user-account",
                "0s",
                "{enabled: true, project: prod, redis: {secretRef: {name: redis-of-accounts}}}",
                "STRING");
        cluster.views(
                view("user-activity", "24h", "{enabled: true, redis: {secretRef: {name: redis}}}", "INT64"), account);
        tell("first-revision");
        cluster.podsGetReady();
        tell("ready");
        plan(Optional.empty()).apply().stream()
                .filter(object -> Set.of("ConfigMap", "Deployment").contains(object.getKind()))
                .forEach(object -> pages.put("out-" + object.getKind() + ".yaml", object));
        cluster.views(
                view("user-activity", "1h", "{enabled: true, redis: {secretRef: {name: redis}}}", "INT64"), account);
        tell("a-definition-changed");
        cluster.views(account);
        tell("a-view-is-gone");

        GoldenFolder.compare(STORIES.resolve("looked-up"), pages);
    }

    private FeatureView view(String name, String ttl, String online, String type) {
        return cluster.serialization.unmarshal("""
                ---
                metadata: {name: %s, namespace: default}
                spec:
                  entities: [{name: user, joinKey: user_id, type: INT64}]
                  features: [{name: one, type: %s}, {name: two, type: DOUBLE, defaultValue: "0.5", sensitive: true}]
                  ttl: %s
                  source: {uri: 's3://raw/x.parquet', timestampColumn: at}
                  online: %s
                """.formatted(name, type, ttl, online), FeatureView.class);
    }

    @Test
    void updated() throws IOException {
        serveFirst();
        cluster.choose(2);
        tell("candidate-starts");
        tell("candidate-starting");
        cluster.podsGetReady();
        tell("candidate-takes-over");
        tell("old-pods-stay-for-a-while");
        cluster.now = cluster.now.plusSeconds(60);
        tell("old-pods-go");
        tell("at-rest");

        GoldenFolder.compare(STORIES.resolve("updated"), pages);
    }

    @Test
    void updateFails() throws IOException {
        serveFirst();
        cluster.choose(2);
        tell("candidate-starts");
        var candidate = cluster.observe().revisions().keySet().stream()
                .filter(id ->
                        !cluster.observe().selectedRevision().orElseThrow().equals(id))
                .findFirst()
                .orElseThrow();
        cluster.breakRevision(candidate);
        cluster.podsWait(candidate, "CrashLoopBackOff", "the model wants 5 GiB of memory and may have 1 GiB");
        tell("candidate-crashes");
        cluster.now = cluster.now.plusSeconds(600);
        tell("candidate-is-overdue");
        cluster.choose(1);
        tell("given-up");

        GoldenFolder.compare(STORIES.resolve("update-fails"), pages);
    }

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

    private static final String CANARY = """
            {model: {follow: {model: churn, stage: Production}}, replicas: 4, rollout: {
              strategy: Canary, scaleDownDelay: 1m, stepTimeout: 5m,
              canary: {
                steps: [{name: taste, weight: 5, hold: 1m}, {name: half, weight: 50, manual: true}, {name: all, weight: 100}],
                sticky: {header: x-user}, match: [{header: x-canary, value: "true"}]}}}""";

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

    private static final String JUDGED = "{model: {follow: {model: churn, stage: Production}}, replicas: 2,"
            + " rollout: {%s strategy: Canary, scaleDownDelay: 1m, canary: {steps: [{name: some, weight: 20},"
            + " {name: all, weight: 100}]}, analysis: {checks: [{name: errors, errorRate: {max: 0.01}}]}}}";

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

    private static final String EXPERIMENT =
            "strategy: ABTest, abTest: {sticky: {header: x-user}, metric: {name: sold, kind: Proportion},"
                    + " baselineRate: 0.1, minimumEffect: 0.01}";

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

    private String candidate() {
        return cluster.observe().service().getStatus().candidate().revision();
    }

    private void pass(long seconds) {
        cluster.now = cluster.now.plusSeconds(seconds);
    }

    @Test
    void rolledBack() throws IOException {
        serveFirst();
        cluster.choose(2);
        for (int i = 0; i < 3; i++) {
            step();
            cluster.podsGetReady();
        }
        var bad = cluster.observe().selectedRevision().orElseThrow();
        cluster.policies(policy("watch", bad, "t-1"), policy("watch-too", bad, "t-2"));
        tell("a-policy-asks");
        tell("the-earlier-one-takes-over");
        tell("at-rest-although-the-spec-asks-for-the-other");
        cluster.policies(policy("watch", bad, "t-1"), policy("watch-too", "0123456789", "t-3"));
        tell("another-asks-too-late");
        cluster.versions(cluster.serialization.unmarshal("""
                ---
                metadata: {name: churn-2, namespace: default}
                status:
                  digest: "sha256:%s"
                  quarantine: {id: q-00000000, at: "2026-01-01T00:00:00Z", releasedAt: "2026-01-01T01:00:00Z"}
                """.formatted("2".repeat(64)), ModelVersion.class));
        tell("released-and-rolled-out-again");

        GoldenFolder.compare(STORIES.resolve("rolled-back"), pages);
    }

    private DriftPolicy policy(String name, String revision, String id) {
        return cluster.serialization.unmarshal("""
                ---
                metadata: {name: %s, namespace: default}
                spec: {target: {inferenceService: churn}, actions: [{name: back, when: [ServiceLevel], then: Rollback}]}
                status: {triggers: [{action: back, id: %s, state: Pending, revision: "%s", reason: 4 %% of the requests fail}]}
                """.formatted(name, id, revision), DriftPolicy.class);
    }

    private void serveFirst() {
        cluster.choose(1);
        for (int i = 0; i < 3; i++) {
            step();
            cluster.podsGetReady();
        }
    }

    private void tell(String page) {
        var actions = new LinkedHashMap<String, Object>();
        var told = new ArrayList<String>();
        Plan plan;
        var looks = 0;
        do {
            var earlier = cluster.observe().service().getStatus();
            plan = step();
            if (plan.note() != null) {
                plan.note().refused().forEach((order, why) -> told.add("Warning OrderRefused: " + order + ": " + why));
            }
            InferenceServiceEvents.between(earlier, cluster.observe().service().getStatus())
                    .forEach(news -> told.add(news.event().type() + " " + news.event() + ": " + news.note()));
        } while (plan.note() != null && ++looks < 8);
        var status = cluster.observe().service().getStatus();
        actions.put("events", told);
        actions.put("routing", String.valueOf(plan.routing()));
        actions.put("scale", plan.scale().stream().map(Object::toString).toList());
        actions.put(
                "delete",
                plan.delete().stream()
                        .map(object ->
                                object.getKind() + " " + object.getMetadata().getName())
                        .toList());
        actions.put("recheckAfter", String.valueOf(plan.recheckAfter()));
        actions.put("status", status);
        pages.put("out-%02d-%s.yaml".formatted(pages.size() + 1, page), actions);
    }

    private Plan step() {
        var observed = cluster.observe();
        var refusal = Support.refusal(observed.service().getSpec());
        var rollback = Rollbacks.decide(observed);
        var plan = rollback.isPresent() ? plan(refusal) : cluster.look(planner(cluster), refusal);
        if (rollback.isPresent()) {
            cluster.report(new InferenceServiceStatusFactory(observed, plan, refusal, rollback, null).create());
        }
        var status = observed.service().getStatus();
        cluster.report(cluster.serialization.clone(status));
        assertThat(cluster.serialization.convertValue(status, JsonNode.class))
                .as("a status survives being stored")
                .isEqualTo(cluster.serialization.convertValue(
                        cluster.observe().service().getStatus(), JsonNode.class));
        return plan;
    }

    private Plan plan(Optional<Refusal> refusal) {
        return plan(cluster, refusal);
    }

    private static Plan plan(SimulatedCluster cluster, Optional<Refusal> refusal) {
        return planner(cluster).plan(cluster.observe(), refusal, RolloutPlanner.Signals.NONE);
    }

    private static RolloutPlanner planner(SimulatedCluster cluster) {
        return new RolloutPlanner(
                new PodRenderer(cluster.serialization), cluster.serialization, SimulatedCluster.SETTINGS);
    }
}

package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.inferenceservice.plan.SimulatedCluster;
import dev.tatara.operator.testing.GoldenFolder;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A service that is served, changed, and taken back. {@code served/} also has every object in full. */
class InferenceServiceStoriesTest extends InferenceServiceStory {
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
}

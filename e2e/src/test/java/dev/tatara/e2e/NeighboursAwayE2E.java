package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.Neighbours;
import dev.tatara.e2e.cluster.Neighbours.Neighbour;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.features.OnlineFeatures;
import dev.tatara.e2e.features.Snapshots;
import dev.tatara.e2e.training.ChurnData;
import dev.tatara.e2e.training.Mlflow;
import dev.tatara.e2e.training.ServedClassifier;
import dev.tatara.e2e.training.Trainings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The object store and Redis go away while features are computed, a model is trained and another one is asked, and MLflow
 * isn't even there: everything goes on by itself when they come back, and ends as if nothing had happened.
 */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NeighboursAwayE2E {
    private static final Duration SECONDS = Duration.ofSeconds(20);
    private static final Duration MINUTES = Duration.ofMinutes(2);
    private static final Duration LIMIT = Duration.ofMinutes(8);

    private final TestNamespace namespace;
    private final Neighbours neighbours;
    private final Mlflow mlflow;
    private final ChurnData data = new ChurnData(300, 5);

    private Map<String, String> results = Map.of();
    private List<Long> answers = List.of();

    NeighboursAwayE2E(Cluster cluster, TestNamespace namespace) {
        this.namespace = namespace;
        this.neighbours = new Neighbours(cluster, namespace);
        this.mlflow = new Mlflow(namespace);
    }

    @BeforeAll
    void undisturbed() {
        neighbours.start();
        mlflow.announce();
        try (var store = neighbours.store()) {
            var trainings = new Trainings(store, namespace);
            trainings.uploadFiles(data);
            namespace.apply(neighbours.inOwnStore(trainings.view("user-activity")));
            namespace.awaitFeatureView("user-activity", view -> view.hasCondition("Ready", "True"));
            namespace.apply(neighbours.inOwnStore(trainings.churn("calm", 0.5)));
            trainings.awaitRun("calm", 1, "Registered");
            results = trainings.results("calm");
        }
        namespace.apply(neighbours.inOwnStore("""
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: InferenceService
            metadata: {name: lookup}
            spec:
              model: {versionRef: {name: calm-1}}
              replicas: 1
              features: {featureViews: [{name: user-activity}], timeout: 5s}
              resources: {requests: {cpu: 50m, memory: 192Mi}, limits: {memory: 512Mi}}
            """));
        namespace.awaitServing("lookup", "calm-1");
        answers = service().labelsOf(ChurnData.JOIN_KEY, data.users());
    }

    @AfterAll
    void end() {
        mlflow.close();
    }

    @Test
    @Order(1)
    void secondsLeaveNoTrace() {
        awayFor(
                SECONDS,
                "shaken",
                "5s",
                "tracking: {mlflow: {uri: \"%s\", experiment: churn}}".formatted(mlflow.uri()));
        var job = namespace.trainingJob("shaken");
        assertThat(Trainings.run(job, 1).get("phase"))
                .as("that MLflow is away fails no run")
                .isEqualTo("Registered");
        namespace.awaitTrainingJob(
                "shaken",
                LIMIT,
                training -> training.hasCondition("Tracked", "False", "TrackingBehind", "no run waits for it"));
    }

    @Test
    @Order(2)
    @Tag("host")
    void whatMlflowMissedIsRecordedWhenItComes() {
        mlflow.start();
        var job = namespace.awaitTrainingJob("shaken", LIMIT, training -> training.hasCondition("Tracked", "True"));
        var run = Trainings.run(job, 1);
        var recorded = mlflow.runs("churn");
        assertThat(recorded).hasSize(1);
        assertThat(recorded.getFirst().at("/info/status").asText()).isEqualTo("FINISHED");
        assertThat(valueOf(recorded.getFirst().at("/data/tags"), "tatara.modelversion"))
                .isEqualTo("shaken-1");
        assertThat(valueOf(recorded.getFirst().at("/data/params"), "epochs")).isEqualTo("40");
        assertThat(Double.parseDouble(valueOf(recorded.getFirst().at("/data/metrics"), "test/accuracy")))
                .isEqualTo(((Map<?, ?>) run.get("metrics")).get("accuracy"));
        var version = mlflow.version("shaken", "staging");
        assertThat(version.path("run_id")).isEqualTo(recorded.getFirst().at("/info/run_id"));
    }

    @Test
    @Order(3)
    @Tag("long")
    void minutesLeaveNoTrace() {
        awayFor(MINUTES, "shaken-longer", "45s");
    }

    private void awayFor(Duration howLong, String name, String retryDelay, String... more) {
        try (var store = neighbours.store()) {
            var trainings = new Trainings(store, namespace);
            neighbours.goAway(Neighbour.Redis);
            namespace.apply(neighbours.inOwnStore(trainings.view(name)));
            namespace.apply(neighbours
                    .inOwnStore(trainings.churn(name, 0.5, more))
                    .replace("retryDelay: 5s", "retryDelay: " + retryDelay));
            await("the materialization to miss Redis").atMost(LIMIT).untilAsserted(() -> assertThat(namespace
                            .kubectl("logs", "job/" + name + "-materialize-1-1")
                            .output())
                    .contains("trying again for"));
            namespace.awaitTrainingJob(name, LIMIT, training -> assertThat(training.status("active", "step"))
                    .isIn("Train", "Evaluate"));
            neighbours.goAway(Neighbour.Store);
            var since = System.nanoTime();
            servingGoesOn(name);
            await("some time to pass").atMost(LIMIT).until(() -> System.nanoTime() - since >= howLong.toNanos());
            assertThat(Trainings.run(namespace.trainingJob(name), 1).get("finishedAt"))
                    .as("a run without its store")
                    .isNull();
            neighbours.comeBack(Neighbour.Store);
            neighbours.comeBack(Neighbour.Redis);

            await("lookups").atMost(LIMIT).ignoreExceptions().until(() -> service()
                    .labelsOf(ChurnData.JOIN_KEY, data.users())
                    .equals(answers));
            featuresAreAsUndisturbed(name);
            trainings.awaitRun(name, 1, "Registered");
            assertThat(trainings.results(name)).isEqualTo(results);
            assertThat(namespace.exists("ModelVersion", name + "-2")).isFalse();
            await("what was posted meanwhile")
                    .atMost(LIMIT)
                    .until(
                            () -> store.artifacts("feedback/" + namespace.name() + "/lookup/"),
                            files -> !files.isEmpty());
        }
        assertThat(namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", "lookup")))
                .allSatisfy(pod -> assertThat(pod.getStatus()
                                .getContainerStatuses()
                                .getFirst()
                                .getRestartCount())
                        .isZero());
    }

    /** Who sends keys is told why not, who sends features is answered, labels are taken, and no pod goes. */
    private void servingGoesOn(String name) {
        assertThat(service().answerFor(ChurnData.JOIN_KEY, data.users()))
                .matches("(?s)50[34] .*(can't be looked up|within).*");
        assertThat(service().labels(data.features())).isEqualTo(answers);
        service().tell(name, List.of(1L));
        namespace.inferenceService("lookup").hasCondition("Ready", "True");
    }

    private void featuresAreAsUndisturbed(String view) {
        namespace.awaitFeatureView(view, object -> {
            object.hasCondition("Ready", "True");
            object.hasCondition("Progressing", "False", "Complete");
        });
        try (var store = neighbours.store();
                var redis = neighbours.onlineStore()) {
            var snapshots = new Snapshots(store, namespace.name(), view);
            assertThat(snapshots.content(1))
                    .isEqualTo(new Snapshots(store, namespace.name(), "user-activity").content(1));
            snapshots.areAllThereIs(1);
            var online = new OnlineFeatures(redis, namespace.name(), view, ChurnData.JOIN_KEY, ChurnData.FEATURES);
            var calm = new OnlineFeatures(
                    redis, namespace.name(), "user-activity", ChurnData.JOIN_KEY, ChurnData.FEATURES);
            assertThat(online.all()).hasSize(data.users().size()).isEqualTo(calm.all());
        }
    }

    private ServedClassifier service() {
        return new ServedClassifier(namespace.address("lookup"), "calm");
    }

    private static String valueOf(JsonNode pairs, String key) {
        return pairs.valueStream()
                .filter(pair -> pair.path("key").asText().equals(key))
                .map(pair -> pair.path("value").asText())
                .findFirst()
                .orElse(null);
    }
}

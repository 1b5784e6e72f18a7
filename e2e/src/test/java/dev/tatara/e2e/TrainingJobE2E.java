package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.Cluster;
import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.training.ChurnData;
import dev.tatara.e2e.training.HeldBackRows;
import dev.tatara.e2e.training.ServedClassifier;
import dev.tatara.e2e.training.Trainings;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * From raw rows and labels to a model that is judged, registered and served: what the service answers to the rows that
 * were held back is as right as the evaluation said.
 */
@OnCluster
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TrainingJobE2E {
    /** Rows that somebody asks about in one request. */
    private static final int ROWS = 150;

    private final ChurnData data = new ChurnData(600, 1);
    private final Cluster cluster;
    private final TestNamespace namespace;
    private final Trainings trainings;

    private String folder = "";
    private double judged;
    private HeldBackRows held = new HeldBackRows(List.of(), List.of(), List.of());

    TrainingJobE2E(Cluster cluster, TestNamespace namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.trainings = new Trainings(cluster, namespace);
    }

    @Test
    @Order(1)
    void runRegistersAJudgedModel() {
        trainings.upload(data);
        // In this order a run has to wait for its features.
        namespace.apply(trainings.churn("churn", 0.8, "register: {stage: Production}"));
        namespace.apply(trainings.view("user-activity"));

        var job = trainings.awaitRun("churn", 1, "Registered");
        var run = Trainings.run(job, 1);
        assertThat(run.get("modelVersion")).isEqualTo("churn-1");
        assertThat(run.get("metrics"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsKeys("accuracy", "f1", "roc_auc");
        assertThat(job.status("lastSuccessfulRun")).isEqualTo(1);
        job.hasCondition("Ready", "True");

        folder = trainings.folder(job, 1);
        assertThat(cluster.store().artifacts(folder))
                .contains(
                        folder + "dataset/train.parquet",
                        folder + "dataset/validation.parquet",
                        folder + "dataset/test.parquet",
                        folder + "model.onnx",
                        folder + "metrics.json",
                        folder + "validate/validation.html",
                        folder + "evaluate/metrics.json",
                        folder + "evaluate/profile.json",
                        folder + "evaluate/card.html");
        held = HeldBackRows.read(cluster.store().artifact(folder + "dataset/test.parquet"));
        // Who had learnt from the earlier measurements would answer the opposite.
        judged = ((Number) ((Map<?, ?>) run.get("metrics")).get("accuracy")).doubleValue();
        assertThat(judged).isBetween(0.8, 1.0);
        assertThat(namespace.kubectl("describe", "tj", "churn").succeeded())
                .contains("Registered", "Events:")
                .doesNotContain("Events:  <none>");
    }

    @Test
    @Order(2)
    void versionKnowsWhereItComesFrom() {
        var version = namespace.awaitModelVersion("churn-1", object -> object.hasCondition("Ready", "True"));
        version.hasCondition("Verified", "True");
        assertThat(version.status("stage")).isEqualTo("Production");
        assertThat(version.resource().getMetadata().getOwnerReferences())
                .as("a version outlives its training")
                .isEmpty();
        assertThat(version.resource().<Number>get("spec", "metrics", "accuracy").doubleValue())
                .isEqualTo(judged, within(1e-9));
        var lineage = String.valueOf(version.resource().<Object>get("spec", "lineage"));
        assertThat(lineage)
                .contains("trainingJob=churn", "user-activity", "trainerImage=", "hidden_units")
                .contains(folder + "dataset/train.parquet");
        assertThat(Trainings.stepsOf(namespace, "churn"))
                .as("each step in one attempt")
                .contains("churn-1-validate-1", "churn-1-join-1", "churn-1-train-1", "churn-1-evaluate-1")
                .allSatisfy(name -> assertThat(name).endsWith("-1"));
    }

    @Test
    @Order(3)
    void serviceIsAsRightAsTheEvaluationSaid() {
        namespace.apply(Manifests.following("churn", "churn", 1));
        namespace.awaitServing("churn", "churn-1");
        var answers = new ServedClassifier(namespace.address("churn"), "churn").labels(held.features());
        assertThat(held.accuracyOf(answers)).isEqualTo(judged, within(1e-9));
    }

    @Test
    @Order(4)
    void serviceThatLooksFeaturesUpAnswersTheSame() {
        namespace.apply("""
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: InferenceService
            metadata: {name: lookup}
            spec:
              model: {versionRef: {name: churn-1}}
              replicas: 1
              features: {featureViews: [{name: user-activity}], timeout: 5s}
              monitoring: {ledger: true}
              resources: {requests: {cpu: 50m, memory: 192Mi}, limits: {memory: 512Mi}}
              rollout: {strategy: RollingUpdate, scaleDownDelay: 5s}
            """);
        namespace.awaitServing("lookup", "churn-1");
        var answers =
                new ServedClassifier(namespace.address("lookup"), "churn").labelsOf(ChurnData.JOIN_KEY, held.users());
        assertThat(answers)
                .as("features as Redis has them give what features as the run had them give")
                .isEqualTo(new ServedClassifier(namespace.address("churn"), "churn").labels(held.features()));
        assertThat(held.accuracyOf(answers)).isEqualTo(judged, within(1e-9));
        askAndTellWhatWasTrue(new ServedClassifier(namespace.address("lookup"), "churn"));
    }

    private void askAndTellWhatWasTrue(ServedClassifier lookup) {
        var users = data.users();
        for (var first = 0; first < users.size(); first += ROWS) {
            var some = users.subList(first, first + ROWS);
            var id = "users-from-" + first;
            lookup.labelsOf(id, ChurnData.JOIN_KEY, some);
            lookup.tell(id, some.stream().map(data::truth).toList());
        }
    }

    @Test
    @Order(5)
    void anotherRunAddsAVersion() {
        namespace
                .kubectl("annotate", "tj", "churn", "--overwrite", "mlops.tatara.dev/run=again")
                .succeeded();
        CustomObject job = trainings.awaitRun("churn", 2, "Registered");
        assertThat(Trainings.run(job, 2).get("modelVersion")).isEqualTo("churn-2");
        assertThat(job.status("handled", "run")).isEqualTo("again");
        namespace.awaitServing("churn", "churn-2");
    }

    /** The rows are predictions of the service that looks features up, and what was true of them. */
    @Test
    @Order(6)
    void runLearnsFromFeedback() {
        for (var records : List.of("ledger", "feedback")) {
            await(records + " of lookup to be written").atMost(Cluster.LIMIT).until(() -> !cluster.store()
                    .artifacts("%s/%s/lookup/".formatted(records, namespace.name()))
                    .isEmpty());
        }
        namespace.apply(trainings.churnByFeedback("learnt", "lookup", 0.8));
        var job = trainings.awaitRun("learnt", 1, "Registered");
        var rows = HeldBackRows.read(cluster.store().artifact(trainings.folder(job, 1) + "dataset/test.parquet"));
        assertThat(rows.users()).hasSizeBetween(ROWS - 2, ROWS + 2).isSubsetOf(data.users());
        assertThat(rows.labels())
                .isEqualTo(rows.users().stream().map(data::truth).toList());
    }
}

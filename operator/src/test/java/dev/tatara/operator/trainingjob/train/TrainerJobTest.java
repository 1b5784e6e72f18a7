package dev.tatara.operator.trainingjob.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.testing.GoldenFolder;
import dev.tatara.operator.trainingjob.run.RunLabels;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Golden folders: a TrainingJob and, where it isn't the first attempt without a trial, the run; and what is rendered. */
class TrainerJobTest {
    private static final Path CASES = Path.of("src/test/resources/trainer");

    static Stream<String> cases() throws IOException {
        try (var folders = Files.list(CASES)) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRunIsRendered(String name) throws IOException {
        var folder = CASES.resolve(name);
        var job = job(folder);
        var objects = render(name);

        var outputs = new TreeMap<String, Object>();
        outputs.put("out-Job.yaml", objects.job());
        if (objects.service() != null) {
            outputs.put("out-Service.yaml", objects.service());
        }
        GoldenFolder.compare(folder, outputs);
        assertThat(TrainerJob.reservedFieldsIn(job.getSpec(), Runs.YAML)).isEmpty();
        assertThat(TrainerJob.problem(job.getSpec())).isEmpty();
    }

    static TrainerObjects render(String name) throws IOException {
        var folder = CASES.resolve(name);
        return TrainerJob.render(run(job(folder), folder.resolve("in-run.yaml")), Runs.SETTINGS, Runs.YAML);
    }

    private static TrainingJob job(Path folder) throws IOException {
        return Runs.YAML.unmarshal(Files.readString(folder.resolve("in-TrainingJob.yaml")), TrainingJob.class);
    }

    private static TrainerRun run(TrainingJob job, Path file) throws IOException {
        var given = Files.exists(file)
                ? Runs.YAML.<JsonNode>unmarshal("---\n" + Files.readString(file), JsonNode.class)
                : Runs.YAML.<JsonNode>unmarshal("{}", JsonNode.class);
        var trial = given.has("trial")
                ? new Trial(given.path("trial").asInt(), (ObjectNode) given.path("parameters"))
                : null;
        return new TrainerRun(
                job,
                3,
                Runs.STORE.or(job.getSpec().artifactStore()),
                "runs/ml/churn/3-1a2b3c4d",
                trial,
                given.path("attempt").asInt(1),
                given.path("recalls").asBoolean(),
                Duration.ofHours(6),
                given.has("dataStart") ? Instant.parse(given.path("dataStart").asText()) : null,
                Runs.NOW,
                42,
                given.path("mlflowRunId").textValue());
    }

    @Test
    void hyperparametersReachTheTrainerAsTheyStand() {
        var job = Runs.job("""
                trainer: {image: example.com/train:1}
                hyperparameters:
                  learning-rate: 0.05
                  layers: [64, 32]
                  early_stopping: {patience: 5}
                  template: "$(HOME) costs $$5 and ${x}"
                  shuffle: true
                  limit: null
                """);

        assertThat(variables(job))
                .containsEntry("TATARA_HP_LEARNING_RATE", "0.05")
                .containsEntry("TATARA_HP_LAYERS", "[64,32]")
                .containsEntry("TATARA_HP_EARLY_STOPPING", "{\"patience\":5}")
                // As Kubernetes would replace it again by what was meant.
                .containsEntry("TATARA_HP_TEMPLATE", "$$(HOME) costs $$$$5 and $${x}")
                .containsEntry("TATARA_HP_SHUFFLE", "true")
                .containsEntry("TATARA_HP_LIMIT", "");
        var fetch = pod(job).getInitContainers().getFirst();
        assertThat(fetch.getArgs().get(fetch.getArgs().indexOf("--hyperparameters") + 1))
                .contains("\"$$(HOME) costs $$$$5 and $${x}\"");
    }

    @Test
    void theUsersVariablesComeAfterTheContractsAndReplaceNoneOfIt() {
        var job = Runs.job("""
                trainer:
                  image: example.com/train:1
                  replicas: 2
                  env: [{name: HOME, value: /home/me}, {name: RANK, value: "7"}, {name: SEED, value: $(TATARA_SEED)}]
                """);

        var names = trainer(job).getEnv().stream().map(EnvVar::getName).toList();
        assertThat(names).doesNotHaveDuplicates().startsWith("TATARA_RUN").endsWith("SEED");
        assertThat(variables(job)).containsEntry("HOME", "/home/me").containsEntry("SEED", "$(TATARA_SEED)");
        assertThat(TrainerJob.problem(job.getSpec()))
                .hasValueSatisfying(problem -> assertThat(problem).contains("RANK"));
    }

    @Test
    void aLimitThatNobodyWroteNeverStandsBelowARequest() {
        var resources = trainer(Runs.job("""
                        trainer:
                          image: example.com/train:1
                          resources: {requests: {memory: 64Gi, ephemeral-storage: 100Gi}, limits: {cpu: "8"}}
                        """)).getResources();

        assertThat(resources.getRequests())
                .containsKeys("memory", "ephemeral-storage")
                .doesNotContainKey("cpu");
        assertThat(resources.getLimits()).containsOnlyKeys("cpu", "ephemeral-storage");
        assertThat(resources.getLimits().get("ephemeral-storage")).hasToString("100Gi");
    }

    @Test
    void whatTheSchemaCannotSeeIsSaid() {
        assertThat(problem("hyperparameters: {a-b: 1, a_b: 2}")).contains("a-b", "a_b", "TATARA_HP_A_B");
        assertThat(problem("hyperparameters: {big: '" + "x".repeat(65_536) + "'}"))
                .contains("65536 bytes");
        assertThat(TrainerJob.problem(Runs.job("trainer: {image: x}").getSpec()))
                .isEmpty();
    }

    @Test
    void whatTheOperatorNeedsIsReserved() {
        var job = Runs.job("""
                trainer:
                  image: example.com/train:1
                  podTemplate:
                    metadata: {labels: {team: growth, mlops.tatara.dev/run: "7"}}
                    spec:
                      restartPolicy: Always
                      subdomain: mine
                      containers:
                        - {name: trainer, image: other, env: [{name: TATARA_SEED, value: "1"}, {name: MODEL_DIR, value: x}]}
                        - {name: sidecar, image: example.com/sidecar}
                      initContainers:
                        - {name: publish, command: [sh]}
                        - {name: tunnel, image: example.com/tunnel, restartPolicy: Always}
                """);

        assertThat(TrainerJob.reservedFieldsIn(job.getSpec(), Runs.YAML))
                .containsExactly(
                        "metadata.labels[mlops.tatara.dev/run]",
                        "spec.containers[sidecar]",
                        "spec.initContainers[publish].command",
                        "spec.initContainers[trainer].env[TATARA_SEED]",
                        "spec.initContainers[trainer].image",
                        "spec.restartPolicy",
                        "spec.subdomain");
    }

    @Test
    void namesFitWhateverTheTrainingIsCalled() {
        var job = Runs.job("trainer: {image: x, replicas: 1024}");
        for (var name : List.of("churn", "3d.model", "a".repeat(40), "x-" + "9".repeat(38))) {
            job.getMetadata().setName(name);
            var run = new TrainerRun(
                    job,
                    123_456,
                    Runs.STORE,
                    "runs/x",
                    Runs.trial(10_000, "{a: 1}"),
                    99,
                    false,
                    Duration.ofHours(1),
                    null,
                    Runs.NOW,
                    1,
                    null);
            assertThat(run.jobName() + "-1023").matches("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");
        }
    }

    @Test
    void aJobTellsWhatItIsAnAttemptAt() {
        var job = Runs.job("trainer: {image: x, replicas: 2}");
        var rendered = TrainerJob.render(Runs.attempt(job, Runs.trial(7, "{a: 1}"), 2), Runs.SETTINGS, Runs.YAML);

        assertThat(RunLabels.runOf(rendered.job())).isEqualTo(3);
        assertThat(RunLabels.trialOf(rendered.job())).isEqualTo(7);
        assertThat(AttemptLabels.attemptOf(rendered.job())).isEqualTo(2);
        assertThat(TrainerJob.serviceOf(rendered.job()).getMetadata().getName())
                .isEqualTo(rendered.service().getMetadata().getName());
        assertThat(rendered.job().getMetadata().getAnnotations()).containsEntry(TrainerJob.PARAMETERS, "{\"a\":1}");
    }

    @Test
    void whoWantsDisruptionsCountedHasNoRuleForThem() {
        var job = Runs.job("trainer: {image: x, spot: {tolerate: false}}");

        var spec =
                TrainerJob.render(Runs.run(job), Runs.SETTINGS, Runs.YAML).job().getSpec();
        assertThat(spec.getPodFailurePolicy()).isNull();
        assertThat(spec.getTemplate().getSpec().getTolerations()).isEmpty();
    }

    private static String problem(String hyperparameters) {
        return TrainerJob.problem(
                        Runs.job("trainer: {image: x}\n" + hyperparameters).getSpec())
                .orElseThrow();
    }

    private static PodSpec pod(TrainingJob job) {
        return TrainerJob.render(Runs.run(job), Runs.SETTINGS, Runs.YAML)
                .job()
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    private static Container trainer(TrainingJob job) {
        return pod(job).getInitContainers().stream()
                .filter(container -> container.getName().equals(TrainerJob.TRAINER))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> variables(TrainingJob job) {
        return trainer(job).getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }
}

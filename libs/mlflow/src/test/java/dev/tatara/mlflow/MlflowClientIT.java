package dev.tatara.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.mlflow.MlflowException.Kind;
import dev.tatara.mlflow.testing.MlflowServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real MLflow server, which {@code hack/tools mlflow} installs. */
class MlflowClientIT {
    private static final Instant START = Instant.parse("2026-11-21T10:00:00.123Z");
    private static MlflowServer server;
    private static MlflowClient client;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws MlflowException {
        server = MlflowServer.start();
        client = MlflowClient.open(MlflowSettings.of(server.uri()));
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void anExperimentIsMadeOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ids = new ArrayList<String>();
            for (var made : threads.invokeAll(IntStream.range(0, 4)
                    .mapToObj(
                            i -> (java.util.concurrent.Callable<String>) () -> client.experiment("shop/it's \"churn\""))
                    .toList())) {
                ids.add(made.get());
            }
            assertThat(ids).doesNotContain("").hasSize(4).containsOnly(ids.getFirst());
        }
    }

    @Test
    void aRunIsFoundByItsTag() throws Exception {
        var experiment = client.experiment("found");
        assertThat(client.findRun(experiment, "tatara.run", "shop/churn/1")).isEmpty();
        var run = client.createRun(
                experiment, START, Map.of("tatara.run", "shop/churn/1", MlflowClient.NAME_TAG, "churn-1"));

        assertThat(run.startedAt()).isEqualTo(START);
        assertThat(run.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(run.artifactUri()).startsWith("mlflow-artifacts:/");
        assertThat(client.findRun(experiment, "tatara.run", "shop/churn/1")
                        .orElseThrow()
                        .id())
                .isEqualTo(run.id());
        assertThat(client.findRun(experiment, "tatara.run", "shop/churn/2")).isEmpty();
        assertThatThrownBy(() -> client.run("0123456789abcdef0123456789abcdef"))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NotFound));

        client.update(run.id(), RunStatus.FAILED, START.plusSeconds(5));
        assertThat(client.run(run.id()).status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void moreThanACallTakesIsRecordedInSeveral() throws Exception {
        var run = client.createRun(client.experiment("many"), START, Map.of());
        var params = new LinkedHashMap<String, String>();
        var tags = new LinkedHashMap<String, String>();
        for (var i = 0; i < 250; i++) {
            params.put("p" + i, "v" + i);
            tags.put("t" + i, "w" + i);
        }
        params.put(Limits.name("x".repeat(300)), Limits.cut("y".repeat(10_000), Limits.PARAM_VALUE));
        tags.put("long", Limits.cut("z".repeat(10_000), Limits.TAG_VALUE));
        var metrics = IntStream.range(0, 2500)
                .mapToObj(i -> new Metric("loss", 1.0 / (i + 1), START.plusMillis(i), i))
                .toList();

        client.log(run.id(), params, metrics, tags);
        client.log(run.id(), params, metrics, tags);

        var found = client.run(run.id());
        assertThat(found.params()).containsAllEntriesOf(params);
        assertThat(found.tags()).containsAllEntriesOf(tags);
        assertThat(found.metrics()).containsExactly("loss");
    }

    @Test
    void anotherValueForAParameterIsRefused() throws Exception {
        var run = client.createRun(client.experiment("params"), START, Map.of());
        client.log(run.id(), Map.of("lr", "0.1"), List.of(), Map.of());

        assertThatThrownBy(() -> client.log(run.id(), Map.of("lr", "0.2"), List.of(), Map.of()))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.Refused))
                .hasMessageContaining("lr");
    }

    @Test
    void nestedRunsAreFoundPageByPage() throws Exception {
        var experiment = client.experiment("nested");
        var parent = client.createRun(experiment, START, Map.of());
        for (var i = 0; i < Limits.PAGE + 3; i++) {
            client.createRun(experiment, START, Map.of(MlflowClient.PARENT_TAG, parent.id()));
        }

        assertThat(client.children(parent)).hasSize(Limits.PAGE + 3);
    }

    @Test
    void filesGoThroughTheServer() throws Exception {
        var run = client.createRun(client.experiment("files"), START, Map.of());
        var file = Files.write(folder.resolve("a file"), new byte[300_000]);

        assertThat(client.artifacts().sizes(run.id(), "folder")).isEmpty();
        client.artifacts().upload(run.artifactUri() + "/folder/a file.bin", file);
        client.artifacts().upload(run.artifactUri() + "/folder/a file.bin", file);
        client.artifacts().upload(run.artifactUri() + "/top.txt", "text".getBytes(StandardCharsets.UTF_8));

        assertThat(client.artifacts().sizes(run.id(), "folder")).containsExactly(Map.entry("a file.bin", 300_000L));
        assertThat(client.artifacts().sizes(run.id(), "")).containsExactly(Map.entry("top.txt", 4L));
    }

    @Test
    void modelsHaveVersionsAndAliases() throws Exception {
        var registry = client.registry();
        var run = client.createRun(client.experiment("models"), START, Map.of());
        registry.ensureModel("churn", Map.of("team", "ml"));
        registry.ensureModel("churn", Map.of());

        assertThat(registry.versionOfRun("churn", run.id())).isEmpty();
        var first = registry.createVersion(
                "churn", run.artifactUri() + "/model", run.id(), "the first", Map.of("tatara.number", "1"));
        assertThat(first.version()).isEqualTo("1");
        assertThat(registry.versionOfRun("churn", run.id()).orElseThrow().version())
                .isEqualTo("1");
        assertThat(registry.version("churn", "1").tags()).containsEntry("tatara.number", "1");
        assertThat(registry.location(first)).isEqualTo(run.artifactUri() + "/model");

        assertThat(registry.findAlias("churn", "staging")).isEmpty();
        registry.setAlias("churn", "staging", "1");
        registry.setAlias("churn", "staging", "1");
        assertThat(registry.byAlias("churn", "staging").version()).isEqualTo("1");
        assertThat(registry.byAlias("churn", "staging").tags()).containsEntry("tatara.number", "1");
        assertThat(registry.aliasesOf("churn")).containsExactly("staging");
        assertThatThrownBy(() -> registry.version("churn", "7"))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NotFound));
        assertThatThrownBy(() -> registry.version("nothing", "1"))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NotFound));
    }

    @Test
    void dataAreRecordedOnce() throws Exception {
        var run = client.createRun(client.experiment("inputs"), START, Map.of());
        var input = new DatasetInput(
                "churn-train",
                "a".repeat(Limits.DIGEST),
                "s3",
                "{\"uri\": \"s3://b/train.parquet\"}",
                "{\"num_rows\": 7}",
                "training");
        client.logInputs(run.id(), List.of(input, new DatasetInput("v", "b", "code", "{}", null, "features")));
        client.logInputs(run.id(), List.of(input));
        client.logInputs(run.id(), List.of());
    }
}

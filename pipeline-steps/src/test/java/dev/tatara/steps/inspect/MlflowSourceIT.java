package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.testing.S3Server;
import dev.tatara.contracts.Outcome;
import dev.tatara.mlflow.testing.MlflowServer;
import dev.tatara.steps.PackagedSteps;
import dev.tatara.steps.PackagedSteps.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that MLflow's own client registered on a real server, as sources. */
class MlflowSourceIT {
    private static MlflowServer server;

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private PackagedSteps steps;

    @BeforeAll
    static void start() throws IOException {
        server = MlflowServer.start();
        var model = Files.write(shared.resolve("tiny.onnx"), TinyModel.identity());
        server.python(Path.of("src/test/mlflow/log.py"), model.toString());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void prepare() {
        steps = new PackagedSteps(folder).with("MLFLOW_TRACKING_URI", server.uri());
    }

    private Ended inspect(String source, String... more) throws IOException, InterruptedException {
        var arguments = new ArrayList<>(
                List.of("inspect-model", "--source", source, "--store", "file://" + folder.resolve("store")));
        arguments.addAll(List.of(more));
        return steps.run(arguments);
    }

    private static void assertEnds(Ended ended, Outcome outcome, String reason, String... words) {
        var result = ended.inspection();
        assertThat(result.outcome()).as(ended.output()).isEqualTo(outcome);
        assertThat(result.reason()).as(result.message()).isEqualTo(reason);
        assertThat(result.message()).contains(words);
    }

    @Test
    void aVersionOrAnAliasIsFetchedVerifiedAndKept() throws Exception {
        var byNumber = inspect("mlflow://good/1");
        var byAlias = inspect("mlflow://good/@champion");

        for (var ended : List.of(byNumber, byAlias)) {
            assertThat(ended.exitCode()).as(ended.output()).isZero();
            var inspection = ended.inspection().details();
            assertThat(inspection.uri())
                    .endsWith("/models/sha256/" + inspection.digest().substring(7));
            assertThat(inspection.signature().inputs()).singleElement().satisfies(input -> assertThat(input.name())
                    .isEqualTo("x"));
            assertThat(Files.readAllBytes(Path.of(inspection.uri().substring("file://".length()))))
                    .satisfies(bytes -> assertThat(Sha256.of(bytes).digest()).isEqualTo(inspection.digest()));
        }
        assertThat(byAlias.output()).contains("mlflow://good/@champion is version 2 of good");
    }

    @Test
    void aFileInPlaceOfAFolderWillDo() throws Exception {
        assertThat(inspect("mlflow://bare/1").exitCode()).isZero();
    }

    @Test
    void theSecretSaysWhereAndWho() throws Exception {
        var secret = S3Server.writeSecret(
                folder.resolve("secret"), Map.of("MLFLOW_TRACKING_URI", server.uri(), "token", "t"));
        steps.with("MLFLOW_TRACKING_URI", "http://127.0.0.1:1");

        var ended =
                inspect("mlflow://good/1", "--source-credentials", secret.toString(), "--source-secret-name", "mlflow");

        assertThat(ended.exitCode()).as(ended.output()).isZero();
    }

    @Test
    void whatIsNotThereIsSaid() throws Exception {
        assertEnds(inspect("mlflow://good/9"), Outcome.Failed, "SourceNotFound", "good");
        assertEnds(inspect("mlflow://nobody/1"), Outcome.Failed, "SourceNotFound", "nobody");
        assertEnds(
                inspect("mlflow://good/@other"),
                Outcome.Failed,
                "SourceNotFound",
                "the model has no such alias; it has [champion]");
        assertEnds(inspect("mlflow://bare/2"), Outcome.Failed, "SourceNotFound", "a file MLmodel in it");
    }

    @Test
    void whatCannotBeServedIsRejected() throws Exception {
        assertEnds(
                inspect("mlflow://python/1"),
                Outcome.Rejected,
                "NotOnnx",
                "expected an MLflow model with the flavor onnx, found [python_function]");
        assertEnds(
                inspect("mlflow://two%20files/1"),
                Outcome.Rejected,
                "UnsupportedModel",
                "mlflow.onnx.log_model with save_as_external_data=False");
    }

    @Test
    void aServerThatIsAwayIsWaitedFor() throws Exception {
        steps.with("MLFLOW_TRACKING_URI", "http://127.0.0.1:1");
        assertEnds(inspect("mlflow://good/1"), Outcome.Failed, "SourceUnavailable", "the connection was refused");
    }
}

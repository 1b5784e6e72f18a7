package dev.tatara.steps.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.S3Scene;
import dev.tatara.steps.StepRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EvaluateIT extends S3Scene {
    private static final String RUN = "runs/shop/nightly/7/";

    private Evaluations evaluations;

    @BeforeEach
    void prepare() throws Exception {
        evaluations = new Evaluations(folder).on("iris");
    }

    private static StepResult<Evaluated> result(Ended ended) {
        return StepResultCodec.fromJson(ended.terminationMessage(), Evaluated.class);
    }

    private List<String> arguments(Path job, String model, String test, String output, String store) {
        return new ArrayList<>(List.of(
                "evaluate",
                "--job",
                job.toString(),
                "--model",
                model,
                "--test",
                test,
                "--not-features",
                "species,region",
                "--output",
                output,
                "--store",
                store));
    }

    @Test
    void onALaptopWithFiles() throws Exception {
        var job = evaluations.job("target", "{gates: [{metric: accuracy, min: 0.9}, {metric: f1, min: 0.99}]}");
        var model = Evaluations.resource("iris.onnx").toUri().toString();
        var ended = steps.run(arguments(
                job,
                model,
                evaluations.test(),
                evaluations.output().toUri().toString(),
                folder.toUri().toString()));
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_REJECTED);
        assertThat(ended.output())
                .contains(
                        "60 rows with a label", "holds   accuracy >= 0.9: 0.95", "FAILS   f1 >= 0.99: found 0.949339");
        assertThat(result(ended).reason()).isEqualTo("GatesFailed");
        for (var file : List.of("metrics.json", "profile.json", "card.html")) {
            assertThat(evaluations.output().resolve(file)).exists();
        }
    }

    @Test
    void inAStoreAndFoundAgain() throws Exception {
        var secret = s3.writeSecret(folder.resolve("secret"));
        var settings = StoreSettings.defaults().withCredentials(secret, null);
        try (var store = ArtifactStore.open(settings)) {
            var run = ArtifactUri.parse("s3://tatara/" + RUN);
            store.put(run.resolve("model.onnx"), Evaluations.resource("iris.onnx"));
            store.put(run.resolve("test.parquet"), folder.resolve("test.parquet"));
            var arguments = arguments(
                    evaluations.job("target", "{gates: [{metric: accuracy, min: 0.9}]}"),
                    "s3://tatara/" + RUN + "model.onnx",
                    "s3://tatara/" + RUN + "test.parquet",
                    "s3://tatara/" + RUN + "evaluate",
                    "s3://tatara");
            arguments.addAll(
                    List.of("--store-credentials", secret.toString(), "--result-key", RUN + "evaluate/result.json"));

            var first = steps.run(arguments);
            assertThat(first.exitCode()).as(first.output()).isZero();
            assertThat(result(first).details().profile().uri())
                    .isEqualTo("s3://tatara/" + RUN + "evaluate/profile.json");

            var again = steps.run(arguments);
            assertThat(again.output()).contains("found the result of an earlier run");
            assertThat(result(again)).isEqualTo(result(first));

            store.delete(ArtifactUri.parse(result(first).details().card().uri()));
            var mended = steps.run(arguments);
            assertThat(mended.output()).doesNotContain("found the result of an earlier run");
            assertThat(store.exists(
                            ArtifactUri.parse(result(first).details().card().uri())))
                    .isTrue();
        }
    }

    @Test
    void whatIsNotThereMayComeLater() throws Exception {
        var ended = steps.run(arguments(
                evaluations.job("target", "{}"),
                folder.resolve("nothing.onnx").toUri().toString(),
                evaluations.test(),
                evaluations.output().toUri().toString(),
                folder.toUri().toString()));
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_FAILED);
        assertThat(result(ended).reason()).isEqualTo("SourceNotFound");
    }
}

package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactEntry;
import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.S3Scene;
import dev.tatara.steps.StepRunner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged command against an S3 store. */
class PublishIT extends S3Scene {
    private Path output;

    @BeforeEach
    void prepare() throws Exception {
        output = Files.createDirectories(folder.resolve("trained/artifacts/plots"))
                .getParent()
                .getParent();
        Files.copy(Bench.model(), output.resolve("model.onnx"));
        Files.writeString(output.resolve("metrics.json"), "{\"accuracy\": 0.9, \"spread\": NaN}");
        Files.writeString(output.resolve("progress.jsonl"), "{\"step\": 1, \"loss\": 0.5}\n");
        for (var i = 0; i < 20; i++) {
            Files.writeString(output.resolve("artifacts/plots/curve of #" + i + " (50%).svg"), "<svg/>" + i);
        }
    }

    private List<String> arguments(String run) {
        return List.of(
                "publish",
                "--from",
                output.toString(),
                "--store",
                "s3://tatara",
                "--store-credentials",
                secret.toString(),
                "--output",
                run,
                "--result-key",
                run + "/train/result.json");
    }

    private static StepResult<Published> result(Ended ended) {
        return StepResultCodec.fromJson(ended.terminationMessage(), Published.class);
    }

    private static Map<String, String> contents(String run) throws Exception {
        var found = new TreeMap<String, String>();
        for (ArtifactEntry entry :
                bucket.list(new S3("tatara", run + "/"), null, 1000).entries()) {
            var key = entry.uri().below(new S3("tatara", run));
            if (!key.endsWith("result.json")) {
                found.put(key, bucket.digest(entry.uri(), Long.MAX_VALUE).sha256());
            }
        }
        return found;
    }

    @Test
    void whatATrainerLeftIsInTheStoreAndTheResultSaysWhere() throws Exception {
        var run = "runs/ml/churn/1";
        var first = steps.run(arguments(run));

        assertThat(first.exitCode()).as(first.output()).isZero();
        var published = result(first).details();
        assertThat(published.model().uri()).isEqualTo("s3://tatara/runs/ml/churn/1/model.onnx");
        assertThat(published.artifacts().count()).isEqualTo(20);
        assertThat(published.metrics()).isEqualTo(Map.of("accuracy", 0.9));
        var contents = contents(run);
        assertThat(contents)
                .hasSize(23)
                .containsEntry("model.onnx", Sha256.of(Bench.model()).sha256())
                .containsKey("artifacts/plots/curve of #7 (50%).svg");
        var kept =
                new String(bucket.read(new S3("tatara", run + "/train/result.json"), 1 << 20), StandardCharsets.UTF_8);
        assertThat(StepResultCodec.fromJson(kept, Published.class)).isEqualTo(result(first));

        var again = steps.run(arguments(run));
        assertThat(again.output()).contains("found the result of an earlier run");
        assertThat(result(again)).isEqualTo(result(first));

        var recalling = new ArrayList<>(arguments(run));
        recalling.add("--recall");
        assertThat(result(steps.run(recalling))).isEqualTo(result(first));

        bucket.delete(new S3("tatara", run + "/model.onnx"));
        var nothing = steps.run(recalling);
        assertThat(nothing.exitCode()).isEqualTo(StepRunner.EXIT_FAILED);
        assertThat(result(nothing).reason()).isEqualTo("NothingPublished");
        assertThat(steps.run(arguments(run)).output()).doesNotContain("found the result of an earlier run");
        assertThat(contents(run)).isEqualTo(contents);
    }

    @Test
    void killedAtAnyTimeTheNextRunEndsTheSame() throws Exception {
        var start = System.nanoTime();
        assertThat(steps.run(arguments("undisturbed")).exitCode()).isZero();
        var duration = System.nanoTime() - start;
        var expected = contents("undisturbed");
        var random = new Random(7);
        for (var kill = 0; kill < 3; kill++) {
            var run = "killed-" + kill;
            var process = steps.start(arguments(run));
            if (!process.waitFor((long) (duration * (0.3 + 0.7 * random.nextDouble())), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
            }
            var ended = steps.run(arguments(run));

            assertThat(ended.exitCode()).as(ended.output()).isZero();
            assertThat(contents(run)).isEqualTo(expected);
        }
    }

    @Test
    void onlyRankZeroPublishes() throws Exception {
        var ended = steps.with("JOB_COMPLETION_INDEX", "1").run(arguments("ranks"));

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        assertThat(ended.output()).contains("nothing to do for rank 1");
        assertThat(result(ended).outcome()).isEqualTo(Outcome.Succeeded);
        assertThat(result(ended).details()).isNull();
        assertThat(bucket.list(new S3("tatara", "ranks/"), null, 10).entries()).isEmpty();

        assertThat(steps.with("JOB_COMPLETION_INDEX", "0")
                        .run(arguments("ranks"))
                        .exitCode())
                .isZero();
        assertThat(contents("ranks")).containsKey("model.onnx");
    }

    @Test
    void withoutAModelItIsRejectedAndStaysSo() throws Exception {
        Files.move(output.resolve("model.onnx"), output.resolve("model.pkl"));
        var ended = steps.run(arguments("rejected"));

        assertThat(ended.exitCode()).isEqualTo(StepRunner.EXIT_REJECTED);
        assertThat(result(ended).reason()).isEqualTo("ModelMissing");
        assertThat(result(ended).message()).contains("only model.pkl", "skl2onnx");
        assertThat(steps.run(arguments("rejected")).output()).contains("found the result of an earlier run");
    }
}

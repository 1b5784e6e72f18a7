package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.TensorSpec;
import dev.tatara.steps.TataraSteps;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a model must be to be taken. */
class InspectModelIT extends InspectionScene {
    @Test
    void aGoodModelIsVerifiedPublishedAndReported() throws Exception {
        var model = TinyModel.identity();
        var store = "s3://tatara/good";
        var hex = Sha256.of(model).sha256();
        var arguments = arguments(source("good.onnx", model), store);
        arguments.addAll(List.of("--sha256", hex, "--result-key", RESULT_KEY));

        var first = steps.run(arguments);

        assertThat(first.exitCode()).as(first.output()).isZero();
        var inspection = first.inspection().details();
        assertThat(inspection.digest()).isEqualTo("sha256:" + hex);
        assertThat(inspection.sizeBytes()).isEqualTo(model.length);
        assertThat(inspection.opset()).isEqualTo(17);
        assertThat(inspection.uri()).isEqualTo("s3://tatara/good/models/sha256/" + hex);
        assertThat(inspection.signature().inputs()).containsExactly(new TensorSpec("x", "FP32", List.of(-1L, 4L)));
        assertThat(inspection.measurements()).containsKey("latencyP99Millis");
        assertThat(bucket.read(new S3("tatara", "good/models/sha256/" + hex), 10_000))
                .isEqualTo(model);
        assertThat(storedResult("good")).isEqualTo(first.terminationMessage());
        assertThat(steps.temporary()).isEmptyDirectory();

        var again = steps.run(arguments);
        assertThat(again.exitCode()).isZero();
        assertThat(again.output()).contains("found the result of an earlier run");
        assertThat(again.terminationMessage()).isEqualTo(first.terminationMessage());

        bucket.delete(new S3("tatara", "good/models/sha256/" + hex));
        var published = steps.run(arguments);
        assertThat(published.output())
                .as("the bytes were gone, so the work is done anew")
                .contains("published as");

        bucket.put(new S3("tatara", "good/models/sha256/" + hex), new byte[] {1, 2, 3});
        arguments.add("--force");
        var forced = steps.run(arguments);
        assertThat(forced.output()).contains("has another digest: replaced");
        assertThat(bucket.read(new S3("tatara", "good/models/sha256/" + hex), 10_000))
                .isEqualTo(model);
    }

    @Test
    void onALaptopFilesAreEnough() throws Exception {
        var file = Files.write(folder.resolve("model.onnx"), TinyModel.identity());
        var ended = steps.run(List.of(
                "inspect-model",
                "--source",
                file.toUri().toString().replace("file:/", "file:///"),
                "--store",
                "file://" + folder.resolve("store")));

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        assertThat(folder.resolve("store/models/sha256/" + Sha256.of(file).sha256()))
                .hasSameBinaryContentAs(file);
    }

    @Test
    void aTruncatedModelIsRejected() throws Exception {
        var model = TinyModel.identity();
        var cut = Arrays.copyOf(model, model.length / 2);

        assertRejected(steps.run(arguments(source("cut.onnx", cut), "s3://tatara/cut")), "CorruptModel", "cut off");
    }

    @Test
    void filesThatAreNoModelAreRecognised() throws Exception {
        for (var other : Map.of(
                        "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n", "Git LFS pointer",
                        "<!DOCTYPE html><html><body>Sign in</body></html>", "HTML page",
                        "PK\u0003\u0004rest", "zip archive")
                .entrySet()) {
            var uri = source("other.onnx", other.getKey().getBytes(StandardCharsets.UTF_8));

            assertRejected(steps.run(arguments(uri, "s3://tatara/other")), "NotOnnx", other.getValue());
        }
    }

    @Test
    void anotherDigestIsRejectedAndNothingPublished() throws Exception {
        var arguments = arguments(source("digest.onnx", TinyModel.identity()), "s3://tatara/digest");
        arguments.addAll(List.of("--sha256", "ab".repeat(32), "--result-key", RESULT_KEY));

        var ended = steps.run(arguments);

        assertRejected(ended, "DigestMismatch", "expected sha256 abab");
        assertThat(storedResult("digest")).contains("DigestMismatch");
        assertThat(bucket.list(new S3("tatara", "digest/models"), null, 10).entries())
                .isEmpty();
    }

    @Test
    void anOperatorSetOfTheFutureIsRejectedWithTheRuntimesWords() throws Exception {
        var ended = steps.run(arguments(source("opset.onnx", TinyModel.identity(999)), "s3://tatara/opset"));

        assertRejected(ended, "UnsupportedOpset", "Opset 999 is under development");
        assertThat(ended.inspection().message()).doesNotContain("onnxruntime_src", "/tmp/");
    }

    @Test
    void aModelOverTheSizeIsRejected() throws Exception {
        var arguments = arguments(source("large.onnx", TinyModel.wide(100)), "s3://tatara/large");
        arguments.addAll(List.of("--max-size", "1Ki"));

        assertRejected(steps.run(arguments), "ModelTooLarge", "expected at most 1024 bytes");
    }

    @Test
    void aModelThatDoesNotRunOnZerosIsNotRejected() throws Exception {
        var ended = steps.run(arguments(source("reshape.onnx", TinyModel.failsOnZeros()), "s3://tatara/reshape"));

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        assertThat(ended.inspection().message()).contains("not run on zeros");
        assertThat(ended.inspection().details().measurements()).isEmpty();
    }

    @Test
    void aProcessThatDiesWithTheModelLeavesItsLastWords() throws Exception {
        var process = steps.start(arguments(source("slow.onnx", TinyModel.slow()), "s3://tatara/killed"));
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> steps.output().contains("loaded by ONNX Runtime"));

        process.destroyForcibly().waitFor();

        assertThat(steps.ended(process).inspection().reason()).isEqualTo("RuntimeCrashed");
        assertThat(bucket.list(new S3("tatara", "killed"), null, 10).entries()).isEmpty();
    }

    @Test
    void manyTensorsAreCutFromTheMessageAndKeptInTheStore() throws Exception {
        var arguments = arguments(source("wide.onnx", TinyModel.wide(501)), "s3://tatara/wide");
        arguments.addAll(List.of("--result-key", RESULT_KEY));

        var ended = steps.run(arguments);

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        assertThat(ended.terminationMessage().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(4096);
        assertThat(ended.inspection().details().signatureTruncated()).isTrue();
        assertThat(ended.inspection().details().signature().inputs()).isNotEmpty();
        var full = StepResultCodec.fromJson(storedResult("wide"), ModelInspection.class)
                .details();
        assertThat(full.signatureTruncated()).isFalse();
        assertThat(full.signature().inputs()).hasSize(501);
    }

    @Test
    void aWrongCommandLineIsExplained() throws Exception {
        var ended = steps.run(
                List.of("inspect-model", "--source", "s3://a/b", "--store", "s3://tatara/x", "--sha256", "12"));

        assertThat(ended.exitCode()).isEqualTo(TataraSteps.EXIT_USAGE);
        assertThat(ended.output()).contains("--sha256: expected 64 hexadecimal digits, found: 12");
    }
}

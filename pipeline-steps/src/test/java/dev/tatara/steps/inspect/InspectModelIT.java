package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.artifacts.Sha256;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.artifacts.testing.FlakyRelay;
import dev.tatara.artifacts.testing.FlakyRelay.Fault;
import dev.tatara.artifacts.testing.S3Server;
import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.TensorSpec;
import dev.tatara.steps.PackagedSteps;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.StepRunner;
import dev.tatara.steps.TataraSteps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectModelIT {
    private static final String RESULT_KEY = "inspections/default/churn-3/uid-1/result.json";

    private static S3Server s3;
    private static ArtifactStore bucket;

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private PackagedSteps steps;
    private Path secret;

    @BeforeAll
    static void start() {
        s3 = S3Server.startWith("models", "tatara");
        bucket = ArtifactStore.open(
                StoreSettings.defaults().withCredentials(s3.writeSecret(shared.resolve("test-secret")), null));
    }

    @AfterAll
    static void stop() {
        bucket.close();
        s3.close();
    }

    @BeforeEach
    void prepare() {
        steps = new PackagedSteps(folder);
        secret = s3.writeSecret(folder.resolve("store-secret"));
    }

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
    void aMissingModelFailsAndIsFoundWhenItAppears() throws Exception {
        var arguments = arguments("s3://models/later.onnx", "s3://tatara/later");
        arguments.addAll(List.of("--result-key", RESULT_KEY));

        assertFailed(steps.run(arguments), "SourceNotFound", "expected an object at s3://models/later.onnx");

        source("later.onnx", TinyModel.identity());
        assertThat(steps.run(arguments).exitCode()).isZero();
    }

    @Test
    void aMissingBucketFails() throws Exception {
        assertFailed(
                steps.run(arguments("s3://no-such-bucket/model.onnx", "s3://tatara/x")),
                "SourceNotFound",
                "the bucket of s3://no-such-bucket/model.onnx doesn't exist");
    }

    @Test
    void wrongKeysOfTheSourceFail() throws Exception {
        var wrong = S3Server.writeSecret(
                folder.resolve("source-secret"),
                Map.of(
                        "AWS_ACCESS_KEY_ID",
                        S3Server.ACCESS_KEY_ID,
                        "AWS_SECRET_ACCESS_KEY",
                        "wr0ng",
                        "AWS_ENDPOINT_URL",
                        s3.endpoint().toString()));
        var arguments = arguments(source("private.onnx", TinyModel.identity()), "s3://tatara/private");
        arguments.addAll(List.of("--source-credentials", wrong.toString(), "--source-secret-name", "s3-models"));

        var ended = steps.run(arguments);

        assertFailed(ended, "SourceUnreadable", "Secret s3-models");
        assertThat(ended.output()).doesNotContain("wr0ng");
    }

    @Test
    void aMissingSecretIsNamedWithItsKeys() throws Exception {
        var arguments = arguments(source("secret.onnx", TinyModel.identity()), "s3://tatara/secret");
        arguments.addAll(List.of(
                "--source-credentials", folder.resolve("none").toString(), "--source-secret-name", "s3-models"));

        assertFailed(
                steps.run(arguments),
                "SecretMissing",
                "Secret s3-models with the keys AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY");
    }

    @Test
    void aStoreThatIsAwayFailsAndOneThatHiccupsDoesNot() throws Exception {
        var away = S3Server.startWith("tatara");
        away.close();
        var file = Files.write(folder.resolve("model.onnx"), TinyModel.identity());
        S3Server.writeSecret(secret, Map.of("AWS_ENDPOINT_URL", away.endpoint().toString()));

        assertFailed(
                steps.run(arguments("file://" + file, "s3://tatara/away")),
                "StoreUnavailable",
                away.endpoint().toString());

        try (var relay = FlakyRelay.to(s3.port()).next(new Fault.Answer(503), new Fault.CutResponse(0))) {
            S3Server.writeSecret(
                    secret, Map.of("AWS_ENDPOINT_URL", relay.endpoint().toString()));

            var ended = steps.run(arguments("file://" + file, "s3://tatara/away"));
            assertThat(ended.exitCode()).as(ended.output()).isZero();
        }
    }

    @Test
    void aStoreThatRefusesFails() throws Exception {
        var file = Files.write(folder.resolve("model.onnx"), TinyModel.identity());
        S3Server.writeSecret(secret, Map.of("AWS_ACCESS_KEY_ID", "nobody"));

        assertFailed(
                steps.run(arguments("file://" + file, "s3://tatara/denied")),
                "StoreAccessDenied",
                "Secret tatara-artifact-store");
    }

    @Test
    void withoutASecretTheEnvironmentIsAsked() throws Exception {
        steps.with("TATARA_STORE_ENDPOINT", s3.endpoint().toString()).with("AWS_EC2_METADATA_DISABLED", "true");
        var arguments = List.of(
                "inspect-model",
                "--source",
                source("environment.onnx", TinyModel.identity()),
                "--store",
                "s3://tatara/environment");

        assertFailed(
                steps.run(arguments),
                "SecretMissing",
                "name a Secret with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");

        steps.with("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY_ID)
                .with("AWS_SECRET_ACCESS_KEY", S3Server.SECRET_ACCESS_KEY);
        var ended = steps.run(arguments);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
    }

    @Test
    void whichMlflowServerMustBeSaid() throws Exception {
        assertFailed(
                steps.run(arguments("mlflow://churn/@champion", "s3://tatara/x")),
                "SecretMissing",
                "under the key MLFLOW_TRACKING_URI of the source's Secret");
        assertFailed(
                steps.run(arguments("mlflow://churn", "s3://tatara/x")),
                "UnsupportedScheme",
                "expected mlflow://<registered model>/<version>");
    }

    @Test
    void aProbeThatTakesTooLongFails() throws Exception {
        var arguments = arguments(source("slow.onnx", TinyModel.identity()), "s3://tatara/slow");
        arguments.addAll(List.of("--probe-timeout", "1ms"));

        assertFailed(steps.run(arguments), "InspectionTimedOut", "took longer than 1 ms");
    }

    @Test
    void sigtermStopsCleanly() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var process = steps.start(
                    arguments("http://127.0.0.1:" + silent.getLocalPort() + "/model.onnx", "s3://tatara/term"));
            try (var connection = silent.accept()) {
                assertThat(connection.isConnected()).isTrue();
                process.destroy();
                assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            }
            var ended = steps.ended(process);

            assertThat(ended.exitCode()).isEqualTo(143);
            assertThat(ended.inspection().reason()).isEqualTo("Interrupted");
            assertThat(steps.temporary()).isEmptyDirectory();
        }
    }

    @Test
    void aWrongCommandLineIsExplained() throws Exception {
        var ended = steps.run(
                List.of("inspect-model", "--source", "s3://a/b", "--store", "s3://tatara/x", "--sha256", "12"));

        assertThat(ended.exitCode()).isEqualTo(TataraSteps.EXIT_USAGE);
        assertThat(ended.output()).contains("--sha256: expected 64 hexadecimal digits, found: 12");
    }

    private static void assertRejected(Ended ended, String reason, String message) {
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_REJECTED);
        assertEnd(ended, Outcome.Rejected, reason, message);
    }

    private static void assertFailed(Ended ended, String reason, String message) {
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_FAILED);
        assertEnd(ended, Outcome.Failed, reason, message);
    }

    private static void assertEnd(Ended ended, Outcome outcome, String reason, String message) {
        var result = ended.inspection();
        assertThat(result.outcome()).isEqualTo(outcome);
        assertThat(result.reason()).as(result.message()).isEqualTo(reason);
        assertThat(result.message()).contains(message);
        assertThat(ended.output()).contains(reason);
    }

    private List<String> arguments(String source, String store) {
        return new ArrayList<>(List.of(
                "inspect-model",
                "--source",
                source,
                "--store",
                store,
                "--store-credentials",
                secret.toString(),
                "--store-secret-name",
                "tatara-artifact-store"));
    }

    private static String source(String key, byte[] content) throws IOException {
        bucket.put(new S3("models", key), content);
        return "s3://models/" + key;
    }

    private static String storedResult(String prefix) throws IOException {
        return new String(bucket.read(new S3("tatara", prefix + "/" + RESULT_KEY), 1 << 20), StandardCharsets.UTF_8);
    }
}

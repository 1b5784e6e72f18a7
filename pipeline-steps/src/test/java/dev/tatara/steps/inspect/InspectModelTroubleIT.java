package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.testing.FlakyRelay;
import dev.tatara.artifacts.testing.FlakyRelay.Fault;
import dev.tatara.artifacts.testing.S3Server;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is around a model may be missing, refuse, or hang. */
class InspectModelTroubleIT extends InspectionScene {
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
}

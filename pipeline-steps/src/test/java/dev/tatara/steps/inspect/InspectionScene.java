package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.contracts.Outcome;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.S3Scene;
import dev.tatara.steps.StepRunner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What tests of inspections ask and say. */
abstract class InspectionScene extends S3Scene {
    static final String RESULT_KEY = "inspections/default/churn-3/uid-1/result.json";

    static void assertRejected(Ended ended, String reason, String message) {
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_REJECTED);
        assertEnd(ended, Outcome.Rejected, reason, message);
    }

    static void assertFailed(Ended ended, String reason, String message) {
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

    List<String> arguments(String source, String store) {
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

    static String source(String key, byte[] content) throws IOException {
        bucket.put(new S3("models", key), content);
        return "s3://models/" + key;
    }

    static String storedResult(String prefix) throws IOException {
        return new String(bucket.read(new S3("tatara", prefix + "/" + RESULT_KEY), 1 << 20), StandardCharsets.UTF_8);
    }
}

package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.artifacts.testing.S3Server;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.steps.PackagedSteps;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.Page;
import dev.tatara.steps.StepRunner;
import dev.tatara.steps.drift.Pods.Rows;
import dev.tatara.steps.feedback.PodFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftIT {
    private static final Instant NOON = Workplace.AT;
    private static final Duration MINUTES = Duration.ofMinutes(10);
    private static final String BOOT = "0123456789ab";
    private static final String ALL = """
            window: {length: 24h, minSamples: 500}
            data: {share: 0.3, defaults: {test: PSI, distance: 0.2}, quality: {maxNullRatio: 0.05}}
            prediction: {test: PSI, distance: 0.2}
            performance: [{metric: accuracy, min: 0.9}]
            service: {errorRate: 0.01, latencyP99Millis: 500}
            report: {html: true, keep: 2}
            """;

    @TempDir
    private Path folder;

    private Workplace workplace;

    @BeforeEach
    void prepare() {
        workplace = new Workplace(folder);
    }

    /** The day that the model was made for. */
    private static byte[] profile() {
        var pane = Pods.pane("", "", 0, Instant.EPOCH, MINUTES, Rows.of(20_000), false);
        return ("{\"schema\":\"tatara.dev/profile/v1\",\"pane\":\""
                        + Base64.getEncoder().encodeToString(PaneFormat.write(pane)) + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void traffic(Rows rows) throws Exception {
        for (var pod : List.of("churn-a", "churn-b")) {
            workplace.pods.write(pod, BOOT, NOON.minus(Duration.ofHours(6)), NOON, MINUTES, rows);
        }
    }

    private static StepResult<DriftEvaluated> result(Ended ended) {
        return StepResultCodec.fromJson(ended.terminationMessage(), DriftEvaluated.class);
    }

    private List<String> arguments(Path policy, int number, String store) {
        var output = "drift-evaluations/shop/churn/" + number + "-x";
        return new ArrayList<>(List.of(
                "drift",
                "--policy",
                policy.toString(),
                "--revision",
                Pods.REVISION,
                "--at",
                NOON.plus(Duration.ofMinutes(number)).toString(),
                "--baseline",
                "models/churn/profile.json",
                "--classes",
                "stays",
                "--classes",
                "leaves",
                "--output",
                output,
                "--result-key",
                output + "/result.json",
                "--store",
                store));
    }

    @Test
    void aDayInAStore() throws Exception {
        traffic(new Rows(50, 14.1, 0.6));
        workplace.ledger("10", "churn-a-" + BOOT + "-0", """
                select 36000 + i as second, 'r' || i as request_id, 0 as "row",
                       case when i % 4 = 0 then 'leaves' else 'stays' end as prediction, 0.8::double as score
                from range(200) t(i)""");
        var said = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            said.add(PodFiles.said("r" + i, 0, i % 4 == 0 || i < 60 ? "1" : "0", "2026-11-21T11:00:00Z"));
        }
        workplace.feedback(Pods.REVISION, "11", "churn-a-" + BOOT + "-0", said);
        var policy = workplace.policyFile(ALL);
        try (var s3 = S3Server.startWith("tatara")) {
            var secret = s3.writeSecret(folder.resolve("secret"));
            try (var store = ArtifactStore.open(StoreSettings.defaults().withCredentials(secret, null))) {
                var root = ArtifactUri.parse("s3://tatara/team");
                for (var file : workplace.files.all().entrySet()) {
                    store.put(root.resolve(file.getKey()), file.getValue());
                }
                store.put(root.resolve("models/churn/profile.json"), profile());

                var steps = new PackagedSteps(folder);
                var arguments = arguments(policy, 1, "s3://tatara/team");
                arguments.addAll(List.of("--store-credentials", secret.toString()));
                var first = steps.run(arguments);
                assertThat(first.exitCode()).as(first.output()).isZero();
                var found = result(first).details();
                assertThat(found.samples()).isEqualTo(2 * 36 * 50);
                assertThat(found.pods()).isEqualTo(2);
                assertThat(found.lost()).isZero();
                assertThat(found.verdict(Breach.DataDrift).orElseThrow().verdict())
                        .isEqualTo(Judgement.Breached);
                assertThat(found.drifted()).isEqualTo("2/3");
                assertThat(found.features().getFirst().name()).isIn("spend_30d", "tier");
                assertThat(found.verdict(Breach.DataDrift).orElseThrow().reason())
                        .contains("2 of 3 features drifted", "mean 12.", " → 14.", "“gold” 24.");
                assertThat(found.verdict(Breach.DataQuality).orElseThrow().verdict())
                        .isEqualTo(Judgement.Good);
                assertThat(found.verdict(Breach.PredictionDrift).orElseThrow().verdict())
                        .isEqualTo(Judgement.Good);
                assertThat(found.verdict(Breach.Performance).orElseThrow().verdict())
                        .isEqualTo(Judgement.Breached);
                assertThat(found.performance().getFirst().value()).isEqualTo(155.0 / 200);
                assertThat(found.verdict(Breach.ServiceLevel).orElseThrow().verdict())
                        .isEqualTo(Judgement.Good);
                assertThat(found.rolledUp().hours()).as(first.output()).isEqualTo(4);
                assertThat(found.report()).isEqualTo("s3://tatara/team/drift-evaluations/shop/churn/1-x/report.html");
                var page = new String(store.read(ArtifactUri.parse(found.report()), 1 << 20), StandardCharsets.UTF_8);
                assertThat(page)
                        .contains("spend_30d", "<svg", "Breached")
                        .doesNotContain("<script", "http://", "https://");

                var again = steps.run(arguments);
                assertThat(again.output()).contains("found the result of an earlier run");

                for (int number = 2; number <= 4; number++) {
                    var next = arguments(policy, number, "s3://tatara/team");
                    next.addAll(List.of("--store-credentials", secret.toString()));
                    var ended = steps.run(next);
                    assertThat(ended.exitCode()).as(ended.output()).isZero();
                    assertThat(result(ended).details().drifted()).isEqualTo("2/3");
                    assertThat(result(ended).details().samples()).isEqualTo(2 * 36 * 50);
                }
                var listed = store.list(root.resolve("drift-evaluations/shop/churn/"), null, 100).entries().stream()
                        .map(entry -> entry.uri().below(root))
                        .toList();
                assertThat(listed)
                        .containsExactly(
                                "drift-evaluations/shop/churn/3-x/report.html",
                                "drift-evaluations/shop/churn/3-x/result.json",
                                "drift-evaluations/shop/churn/4-x/report.html",
                                "drift-evaluations/shop/churn/4-x/result.json");
                var history = new String(store.read(root.resolve(listed.get(2)), 1 << 20), StandardCharsets.UTF_8);
                assertThat(history)
                        .contains(
                                "<h2>History</h2>",
                                NOON.plus(Duration.ofMinutes(3)).toString());
            }
        }
    }

    @Test
    void aStoreThatIsAwayIsNobodysFault() throws Exception {
        try (var s3 = S3Server.startWith("tatara")) {
            var secret = s3.writeSecret(folder.resolve("secret"));
            s3.stop();
            var arguments = arguments(workplace.policyFile(ALL), 1, "s3://tatara/team");
            arguments.addAll(List.of("--store-credentials", secret.toString()));

            var ended = new PackagedSteps(folder).run(arguments);

            assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_FAILED);
            assertThat(result(ended).reason()).isEqualTo("StoreUnavailable");
        }
    }

    @Test
    void aMistakeInThePolicyIsItsAuthors() throws Exception {
        var arguments = arguments(
                workplace.policyFile("prediction: {test: PSI, pValue: 0.05}"),
                1,
                folder.toUri().toString());

        var ended = new PackagedSteps(folder).run(arguments);

        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_REJECTED);
        assertThat(result(ended).reason()).isEqualTo("InvalidDefinition");
        assertThat(result(ended).message()).contains("spec.prediction", "PSI");
    }

    @Test
    void theCommandsOfThePage() throws Exception {
        var pane = Pods.pane("flowers-a", BOOT, 0, NOON.minusSeconds(600), MINUTES, new Rows(1000, 13.5, 0.25), true);
        var key = "drift/shop/flowers/55ab012345/20261121T115000Z/flowers-a-" + BOOT + "-0.bin";
        var file = folder.resolve("store").resolve(key);
        Files.createDirectories(file.getParent());
        Files.write(file, PaneFormat.write(pane));
        Files.write(folder.resolve("profile.json"), profile());

        var said = Page.run("Drift by hand", folder);

        assertThat(said)
                .contains(
                        "1000 rows of 1 panes of 1 pods", "DataDrift: Breached: 1 of 3 features drifted (share 0.333");
        assertThat(file).exists();
        var output = folder.resolve("store/drift-evaluations/shop/flowers/1-hand");
        assertThat(Files.readString(output.resolve("report.html"))).contains("spend_30d");
        assertThat(output.resolve("result.json")).exists();
    }
}

package dev.tatara.steps.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.ExperimentEvaluated;
import dev.tatara.contracts.ExperimentEvaluated.Verdict;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.PackagedSteps.Ended;
import dev.tatara.steps.Page;
import dev.tatara.steps.S3Scene;
import dev.tatara.steps.StepRunner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentIT extends S3Scene {
    private static StepResult<ExperimentEvaluated> result(Ended ended) {
        return StepResultCodec.fromJson(ended.terminationMessage(), ExperimentEvaluated.class);
    }

    private List<String> arguments(String abTest, String store) throws Exception {
        return new ArrayList<>(List.of(
                "experiment",
                "--service",
                Shop.service(folder, abTest).toString(),
                "--stable",
                Shop.STABLE,
                "--candidate",
                Shop.CANDIDATE,
                "--since",
                Shop.SINCE.toString(),
                "--at",
                Shop.AT.toString(),
                "--output",
                "experiments/shop/churn/1-a",
                "--result-key",
                "experiments/shop/churn/1-a/result.json",
                "--store",
                store,
                "--store-credentials",
                secret.toString()));
    }

    @Test
    void twelveHoursInAStore() throws Exception {
        var shop = new Shop(folder);
        shop.people(Shop.STABLE, "s", 3000, 150);
        shop.people(Shop.CANDIDATE, "c", 2990, 260);
        shop.writeFeedback();
        var root = ArtifactUri.parse("s3://tatara/team");
        try (var written = Files.walk(shop.store)) {
            for (var file : written.filter(Files::isRegularFile).toList()) {
                bucket.put(root.resolve(shop.store.relativize(file).toString()), Files.readAllBytes(file));
            }
        }

        var first = steps.run(arguments(Shop.CONVERSION, "s3://tatara/team"));

        assertThat(first.exitCode()).as(first.output()).isZero();
        var found = result(first).details();
        assertThat(found.verdict()).isEqualTo(Verdict.CandidateWins);
        assertThat(found.stable().people()).isEqualTo(3000);
        assertThat(found.candidate().mean()).isEqualTo(260.0 / 2990);
        assertThat(found.figures()).isEqualTo(410);
        assertThat(found.report()).isEqualTo("s3://tatara/team/experiments/shop/churn/1-a/report.html");
        assertThat(new String(bucket.read(ArtifactUri.parse(found.report()), 1 << 20), StandardCharsets.UTF_8))
                .contains("CandidateWins", "<svg");
        assertThat(steps.run(arguments(Shop.CONVERSION, "s3://tatara/team")).output())
                .contains("found the result of an earlier run");
    }

    @Test
    void aMistakeInTheServiceIsItsAuthors() throws Exception {
        var ended = steps.run(arguments(
                "{sticky: {header: x}, metric: {name: c, kind: Mean}, minimumEffect: 1}", "s3://tatara/another"));

        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(StepRunner.EXIT_REJECTED);
        assertThat(result(ended).reason()).isEqualTo("InvalidDefinition");
    }

    @Test
    void theCommandsOfThePage() throws Exception {
        var shop = new Shop(folder);
        shop.people(Shop.STABLE, "s", 800, 40);
        shop.people(Shop.CANDIDATE, "c", 790, 120);
        shop.writeFeedback();

        var said = Page.run("An experiment by hand", folder);

        assertThat(said)
                .contains("1590 people in 3180 predictions, 160 of 160 figures are theirs", "CandidateWins: promote");
        assertThat(shop.store.resolve("experiments/shop/churn/1-hand/report.html"))
                .exists();
    }
}

package dev.tatara.steps.experiment;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.ExperimentEvaluated;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.feedback.PodFiles;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A service in an experiment, and what its pods wrote into a folder. */
final class Shop {
    static final String STABLE = "55ab012345";
    static final String CANDIDATE = "77cd012345";
    static final Instant SINCE = Instant.parse("2026-11-21T00:00:00Z");
    static final Instant AT = Instant.parse("2026-11-21T12:00:00Z");
    static final String CONVERSION =
            "{sticky: {header: x-user-id}, metric: {name: conversion, kind: Proportion}, baselineRate: 0.1,"
                    + " minimumEffect: 0.05, maxDuration: 14d}";

    final Path store;
    final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Path folder;
    private final List<String> feedback = new ArrayList<>();
    private int files;

    Shop(Path folder) {
        this.folder = folder;
        store = folder.resolve("store");
    }

    static Path service(Path folder, String abTest) throws Exception {
        var file = folder.resolve("service.yaml");
        Files.writeString(file, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn, namespace: shop}
                spec:
                  model: {follow: {model: churn, stage: Production}}
                  rollout:
                    strategy: ABTest
                    abTest: %s
                """.formatted(abTest));
        return file;
    }

    /**
     * A file of the ledger.
     *
     * @param rows a query of second (of the day), request_id, subject and perhaps row
     */
    void ledger(String revision, String rows) throws Exception {
        write(
                "ledger/shop/churn/" + revision + "/2026-11-21/01/churn-a-0123456789ab-" + files++ + ".parquet",
                PodFiles.ledger(folder, "2026-11-21", revision, rows));
    }

    /**
     * People with two requests each, {@code <prefix><person>-0} and {@code …-1}.
     *
     * @param succeed how many of them have a conversion, by their second request
     */
    void people(String revision, String prefix, int people, int succeed) throws Exception {
        ledger(
                revision,
                "select 3600 + i * 1.0 / 2 as second, '" + prefix + "' || (i // 2) || '-' || (i % 2) as request_id,"
                        + " 0 as \"row\", '1' as prediction, 0.5::double as score, '" + prefix
                        + "' || (i // 2) as subject from range(" + 2 * people + ") t(i)");
        for (int i = 0; i < succeed; i++) {
            figure(prefix + i + "-1", "conversion", 1, "2026-11-21T11:00:00Z");
        }
    }

    void figure(String requestId, String name, double value, String received) {
        feedback.add(PodFiles.figure(requestId, 0, name, value, received));
    }

    /** Writes what was said to pods of another revision. */
    void writeFeedback() throws Exception {
        if (feedback.isEmpty()) {
            return;
        }
        write(
                "feedback/shop/churn/anotherone/2026-11-21/11/churn-b-0123456789ab-0.jsonl.gz",
                PodFiles.feedback(feedback));
    }

    void write(String key, byte[] bytes) throws Exception {
        var file = store.resolve(key);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    ExperimentOptions options(String abTest, Instant at, Duration settle) throws Exception {
        return new ExperimentOptions(
                service(folder, abTest),
                STABLE,
                CANDIDATE,
                SINCE,
                at,
                settle,
                "experiments/shop/churn/1-a",
                256L << 20,
                1);
    }

    ExperimentEvaluated judge(String abTest) throws Exception {
        return judge(options(abTest, AT, Duration.ZERO)).details();
    }

    StepResult<ExperimentEvaluated> judge(ExperimentOptions options) throws Exception {
        writeFeedback();
        try (var artifacts = ArtifactStore.open(StoreSettings.defaults())) {
            var context = new StepContext(
                    artifacts,
                    ArtifactUri.parse("file://" + store),
                    Files.createTempDirectory(folder, "work"),
                    new Progress(new PrintStream(said, true, StandardCharsets.UTF_8)),
                    (reason, message) -> {});
            return new ExperimentStep(options).run(context);
        }
    }

    String report() throws Exception {
        return Files.readString(store.resolve("experiments/shop/churn/1-a/report.html"));
    }
}

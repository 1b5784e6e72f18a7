package dev.tatara.steps.drift;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.feedback.PodFiles;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A policy, a store in memory with what pods wrote, and a folder. */
final class Workplace {
    static final Instant AT = Instant.parse("2026-11-21T12:00:00Z");

    final MemoryFiles files = new MemoryFiles();
    final Pods pods = new Pods(files);
    final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Path folder;
    private final List<String> classes = new ArrayList<>();
    private String baseline;
    private String baselineSha256;
    private String task;
    private Instant since;

    Workplace(Path folder) {
        this.folder = folder;
    }

    Workplace classes(String... names) {
        classes.addAll(List.of(names));
        return this;
    }

    Workplace since(Instant time) {
        since = time;
        return this;
    }

    Workplace task(String word) {
        task = word;
        return this;
    }

    Workplace baseline(String address, String sha256) {
        baseline = address;
        baselineSha256 = sha256;
        return this;
    }

    Path policyFile(String spec) throws Exception {
        var file = folder.resolve("policy.yaml");
        Files.writeString(file, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: DriftPolicy
                metadata: {name: churn, namespace: shop}
                spec:
                  target: {inferenceService: churn}
                """ + spec.indent(2));
        return file;
    }

    DriftPlan plan(String spec) throws Exception {
        return DriftPlan.of(Definition.read(policyFile(spec), "DriftPolicy", DriftPolicySpec.class));
    }

    DriftOptions options(Path policy) {
        return new DriftOptions(
                policy,
                List.of(Pods.REVISION),
                since,
                AT,
                baseline,
                baselineSha256,
                StoreSettings.defaults(),
                task,
                classes,
                "drift-evaluations/shop/churn/7-a",
                false,
                256L << 20,
                1);
    }

    Progress progress() {
        return new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    StepContext context() throws Exception {
        return new StepContext(
                ArtifactStore.open(StoreSettings.defaults()),
                ArtifactUri.parse(folder.toUri().toString()),
                Files.createTempDirectory(folder, "work"),
                progress(),
                (reason, message) -> {});
    }

    LiveData live() throws Exception {
        return LiveData.read(files, Pods.FOLDER, List.of(Pods.REVISION), AT.minusSeconds(86_400), AT);
    }

    /** A file of the ledger: {@link PodFiles#ledger}. */
    void ledger(String hour, String name, String rows) throws Exception {
        files.all()
                .put(
                        "ledger/shop/churn/" + Pods.REVISION + "/2026-11-21/" + hour + "/" + name + ".parquet",
                        PodFiles.ledger(folder, "2026-11-21", Pods.REVISION, rows));
    }

    /** A file of feedback to a pod of any revision. */
    void feedback(String revision, String hour, String name, List<String> lines) throws Exception {
        files.all()
                .put(
                        "feedback/shop/churn/" + revision + "/2026-11-21/" + hour + "/" + name + ".jsonl.gz",
                        PodFiles.feedback(lines));
    }
}

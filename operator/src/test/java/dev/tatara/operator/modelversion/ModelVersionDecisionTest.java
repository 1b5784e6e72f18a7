package dev.tatara.operator.modelversion;

import static dev.tatara.operator.testing.GoldenFolder.only;
import static dev.tatara.operator.testing.GoldenFolder.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.modelversion.plan.InspectionSettings;
import dev.tatara.operator.modelversion.plan.Observed;
import dev.tatara.operator.testing.GoldenFolder;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden folders: what is observed ({@code in-*.yaml}) and what is decided ({@code out-*.yaml}). The version in question
 * is {@code in-ModelVersion.yaml}; the decision's time is {@link #NOW}. A file that nothing reads or makes fails its
 * case.
 */
class ModelVersionDecisionTest {
    private static final Path CASES = Path.of("src/test/resources/modelversion");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final InspectionSettings SETTINGS = InspectionSettings.of(TestSettings.ofGoldenFiles());

    static Stream<String> cases() throws IOException {
        return GoldenFolder.cases(CASES);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsObservedLeadsToWhatIsDecided(String name) throws IOException {
        var folder = CASES.resolve(name);
        var inputs =
                GoldenFolder.inputs(folder, List.of(ModelVersion.class, InferenceService.class, Job.class, Pod.class));
        var version = (ModelVersion) inputs.remove("in-ModelVersion.yaml");

        var decision = Decision.about(observed(version, inputs.values()), SETTINGS, NOW);
        var status = ModelVersionStatusFactory.create(version, decision, NOW);

        GoldenFolder.compare(folder, outputsOf(version, decision, status));
        aSecondLookFindsNothingToDo(version, decision, status, inputs.values());
    }

    /** Once what was decided is done, deciding again changes nothing. */
    private static void aSecondLookFindsNothingToDo(
            ModelVersion version, Decision decision, ModelVersionStatus status, Collection<HasMetadata> others) {
        var verification = decision.verification();
        var left = new ArrayList<>(others);
        left.removeAll(verification.obsolete());
        if (verification.start() != null) {
            left.add(GoldenFolder.made(verification.start(), NOW));
        }
        version.setStatus(YAML.clone(status));
        switch (decision.finalizer()) {
            case Add -> version.addFinalizer(Decision.IN_USE);
            case Remove -> version.removeFinalizer(Decision.IN_USE);
            case Keep -> {}
        }

        var again = Decision.about(observed(version, left), SETTINGS, NOW);

        var statusAgain = ModelVersionStatusFactory.create(version, again, NOW);
        assertThat(tree(statusAgain)).as("status on a second look").isEqualTo(tree(status));
        assertThat(again.verification().start()).as("Job on a second look").isNull();
        assertThat(again.verification().obsolete()).isEmpty();
        assertThat(again.finalizer()).isEqualTo(Decision.FinalizerChange.Keep);
        assertThat(ModelVersionNews.between(status, statusAgain, again)).isEmpty();
    }

    private static Observed observed(ModelVersion version, Collection<HasMetadata> others) {
        var jobs = only(Job.class, others);
        jobs.forEach(job -> assertThat(Owners.owns(version, job))
                .as("owner of " + job.getMetadata().getName())
                .isTrue());
        return new Observed(
                version,
                only(ModelVersion.class, others),
                only(InferenceService.class, others),
                jobs,
                only(Pod.class, others));
    }

    private static Map<String, Object> outputsOf(ModelVersion version, Decision decision, ModelVersionStatus status) {
        var verification = decision.verification();
        var outputs = new TreeMap<String, Object>();
        outputs.put("out-status.yaml", status);
        if (verification.start() != null) {
            outputs.put(GoldenFolder.fileOf(verification.start()), verification.start());
        }
        var actions = new LinkedHashMap<String, Object>();
        actions.put("events", GoldenFolder.wordsOf(ModelVersionNews.between(version.getStatus(), status, decision)));
        actions.put("deletes", GoldenFolder.namesOf(verification.obsolete()));
        actions.put("finalizer", decision.finalizer().name());
        actions.put("wakeAt", String.valueOf(verification.wakeAt()));
        outputs.put("out-actions.yaml", actions);
        return outputs;
    }
}

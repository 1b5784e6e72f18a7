package dev.tatara.operator.trainingjob;

import static dev.tatara.operator.testing.GoldenFolder.only;
import static dev.tatara.operator.testing.GoldenFolder.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.testing.GoldenFolder;
import dev.tatara.operator.testing.TestSettings;
import dev.tatara.operator.trainingjob.plan.Decision;
import dev.tatara.operator.trainingjob.plan.Observed;
import dev.tatara.operator.trainingjob.plan.PlanSettings;
import dev.tatara.operator.trainingjob.run.RunSettings;
import dev.tatara.operator.trainingjob.train.TrainerLogs;
import dev.tatara.operator.trainingjob.train.TrainerSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
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
 * Golden folders: what is observed ({@code in-*.yaml}) and what is decided ({@code out-*.yaml}). The training in question
 * is {@code in-TrainingJob.yaml}; the decision's time is {@link #NOW}. A file that nothing reads or makes fails its case.
 */
class TrainingJobDecisionTest {
    private static final Path CASES = Path.of("src/test/resources/trainingjob");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    /** The end of a step, its note, the next run, and what is left to clear away. */
    private static final int LOOKS = 4;

    private static final PlanSettings SETTINGS = settings();

    static Stream<String> cases() throws IOException {
        return GoldenFolder.cases(CASES);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsObservedLeadsToWhatIsDecided(String name) throws IOException {
        var folder = CASES.resolve(name);
        var others = GoldenFolder.inputs(
                folder,
                List.of(
                        TrainingJob.class,
                        ConfigMap.class,
                        Job.class,
                        Pod.class,
                        Service.class,
                        FeatureView.class,
                        InferenceService.class,
                        ModelVersion.class,
                        DriftPolicy.class));
        var job = (TrainingJob) others.remove("in-TrainingJob.yaml");

        var decision = Decision.about(observed(job, others.values()), SETTINGS, NOW);
        var status = TrainingJobStatusFactory.create(job, decision, NOW);

        GoldenFolder.compare(folder, outputsOf(job, decision, status));
        soonNothingIsLeftToDo(job, decision, List.copyOf(others.values()));
    }

    /** Once what was decided is done, and what comes next, deciding again changes nothing. */
    private static void soonNothingIsLeftToDo(TrainingJob job, Decision first, List<HasMetadata> others) {
        var decision = first;
        var objects = others;
        for (int look = 1; look <= LOOKS; look++) {
            var status = TrainingJobStatusFactory.create(job, decision, NOW);
            objects = afterwards(objects, decision);
            job.setStatus(YAML.clone(status));
            decision = Decision.about(observed(job, objects), SETTINGS, NOW);
        }
        assertThat(tree(TrainingJobStatusFactory.create(job, decision, NOW)))
                .as("status after %d looks", LOOKS)
                .isEqualTo(tree(job.getStatus()));
        assertThat(decision.create()).isEmpty();
        assertThat(decision.register()).isNull();
        assertThat(decision.memory()).isNull();
        assertThat(decision.obsolete()).isEmpty();
        assertThat(TrainingJobNews.between(
                        job.getStatus(), TrainingJobStatusFactory.create(job, decision, NOW), decision))
                .isEmpty();
    }

    private static List<HasMetadata> afterwards(List<HasMetadata> objects, Decision decision) {
        var left = new ArrayList<HasMetadata>(objects);
        left.removeAll(decision.obsolete());
        if (decision.memory() != null) {
            left.removeIf(object -> object instanceof ConfigMap
                    && object.getMetadata()
                            .getName()
                            .equals(decision.memory().getMetadata().getName()));
        }
        made(decision).forEach(object -> left.add(GoldenFolder.made(object, NOW)));
        return left;
    }

    private static Observed observed(TrainingJob job, Collection<HasMetadata> others) {
        others.stream()
                .filter(object -> object instanceof Job || object instanceof ConfigMap || object instanceof Service)
                .forEach(object -> assertThat(Owners.owns(job, object))
                        .as("owner of " + object.getMetadata().getName())
                        .isTrue());
        return new Observed(
                job,
                only(Job.class, others),
                only(Pod.class, others),
                only(ConfigMap.class, others),
                only(Service.class, others),
                only(FeatureView.class, others),
                only(InferenceService.class, others),
                only(ModelVersion.class, others),
                only(DriftPolicy.class, others),
                TrainerLogs.NONE);
    }

    private static Map<String, Object> outputsOf(TrainingJob job, Decision decision, TrainingJobStatus status) {
        var outputs = new TreeMap<String, Object>();
        outputs.put("out-status.yaml", status);
        made(decision).forEach(object -> outputs.put(GoldenFolder.fileOf(object), object));
        var actions = new LinkedHashMap<String, Object>();
        actions.put("events", GoldenFolder.wordsOf(TrainingJobNews.between(job.getStatus(), status, decision)));
        actions.put("creates", GoldenFolder.namesOf(made(decision).toList()));
        actions.put("deletes", GoldenFolder.namesOf(decision.obsolete()));
        actions.put("wakeAt", String.valueOf(decision.wakeAt()));
        outputs.put("out-actions.yaml", actions);
        return outputs;
    }

    private static Stream<HasMetadata> made(Decision decision) {
        return Stream.concat(
                Stream.concat(Stream.ofNullable(decision.memory()), decision.create().stream()),
                Stream.ofNullable(decision.register()));
    }

    private static PlanSettings settings() {
        var settings = TestSettings.with(Map.of("artifact-store.uri", "s3://tatara/prod"));
        return new PlanSettings(RunSettings.of(settings), TrainerSettings.of(settings), YAML);
    }
}

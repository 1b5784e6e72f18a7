package dev.tatara.operator.featureview;

import static dev.tatara.operator.testing.GoldenFolder.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.operator.featureview.plan.Decision;
import dev.tatara.operator.featureview.plan.MaterializationSettings;
import dev.tatara.operator.featureview.plan.Observed;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.testing.GoldenFolder;
import dev.tatara.operator.testing.TestSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
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
 * Golden folders: what is observed ({@code in-*.yaml}) and what is decided ({@code out-*.yaml}). The view in question is
 * {@code in-FeatureView.yaml}; the decision's time is {@link #NOW}. A file that nothing reads or makes fails its case.
 */
class FeatureViewDecisionTest {
    private static final Path CASES = Path.of("src/test/resources/featureview");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    /** The end of an attempt, the start of what waited for it, and a schedule's time that was missed meanwhile. */
    private static final int LOOKS = 3;

    private static final MaterializationSettings SETTINGS = MaterializationSettings.of(TestSettings.ofGoldenFiles());

    static Stream<String> cases() throws IOException {
        return GoldenFolder.cases(CASES);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsObservedLeadsToWhatIsDecided(String name) throws IOException {
        var folder = CASES.resolve(name);
        var others = GoldenFolder.inputs(folder, List.of(FeatureView.class, ConfigMap.class, Job.class, Pod.class));
        var view = (FeatureView) others.remove("in-FeatureView.yaml");

        var decision = Decision.about(observed(view, others.values()), SETTINGS, NOW);
        var status = FeatureViewStatusFactory.create(view, decision, NOW);

        GoldenFolder.compare(folder, outputsOf(view, decision, status));
        soonNothingIsLeftToDo(view, decision, List.copyOf(others.values()));
    }

    /** Once what was decided is done, and what comes next, deciding again changes nothing. */
    private static void soonNothingIsLeftToDo(FeatureView view, Decision first, List<HasMetadata> others) {
        var decision = first;
        var objects = others;
        for (int look = 1; look <= LOOKS; look++) {
            var before = view.getStatus();
            var status = FeatureViewStatusFactory.create(view, decision, NOW);
            var isQuiet = decision.start() == null
                    && decision.definition() == null
                    && decision.obsolete().isEmpty()
                    && tree(status).equals(tree(before));
            if (isQuiet) {
                assertThat(FeatureViewNews.between(before, status, decision)).isEmpty();
                return;
            }
            objects = afterwards(objects, decision);
            view.setStatus(YAML.clone(status));
            decision = Decision.about(observed(view, objects), SETTINGS, NOW);
        }
        assertThat(tree(FeatureViewStatusFactory.create(view, decision, NOW)))
                .as("status after %d looks", LOOKS)
                .isEqualTo(tree(view.getStatus()));
        assertThat(decision.start()).isNull();
        assertThat(decision.definition()).isNull();
        assertThat(decision.obsolete()).isEmpty();
    }

    private static List<HasMetadata> afterwards(List<HasMetadata> objects, Decision decision) {
        var left = new ArrayList<HasMetadata>(objects);
        left.removeAll(decision.obsolete());
        made(decision).forEach(object -> left.add(GoldenFolder.made(object, NOW)));
        return left;
    }

    private static Stream<HasMetadata> made(Decision decision) {
        return Stream.concat(Stream.ofNullable(decision.definition()), Stream.ofNullable(decision.start()));
    }

    private static Observed observed(FeatureView view, Collection<HasMetadata> others) {
        var jobs = GoldenFolder.only(Job.class, others);
        jobs.forEach(job -> assertThat(Owners.owns(view, job))
                .as("owner of " + job.getMetadata().getName())
                .isTrue());
        return new Observed(
                view, jobs, GoldenFolder.only(Pod.class, others), GoldenFolder.only(ConfigMap.class, others));
    }

    private static Map<String, Object> outputsOf(FeatureView view, Decision decision, FeatureViewStatus status) {
        var outputs = new TreeMap<String, Object>();
        outputs.put("out-status.yaml", status);
        made(decision).forEach(object -> outputs.put(GoldenFolder.fileOf(object), object));
        var actions = new LinkedHashMap<String, Object>();
        actions.put("events", GoldenFolder.wordsOf(FeatureViewNews.between(view.getStatus(), status, decision)));
        actions.put("deletes", GoldenFolder.namesOf(decision.obsolete()));
        actions.put("wakeAt", String.valueOf(decision.wakeAt()));
        outputs.put("out-actions.yaml", actions);
        return outputs;
    }
}

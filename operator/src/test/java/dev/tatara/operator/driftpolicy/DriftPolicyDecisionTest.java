package dev.tatara.operator.driftpolicy;

import static dev.tatara.operator.testing.GoldenFolder.only;
import static dev.tatara.operator.testing.GoldenFolder.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.operator.driftpolicy.plan.Decision;
import dev.tatara.operator.driftpolicy.plan.Observed;
import dev.tatara.operator.driftpolicy.plan.PlanSettings;
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
 * Golden folders: what is observed ({@code in-*.yaml}) and what is decided ({@code out-*.yaml}). The policy in question is
 * {@code in-DriftPolicy.yaml}; the decision's time is {@link #NOW}. A file that nothing reads or makes fails its case.
 */
class DriftPolicyDecisionTest {
    private static final Path CASES = Path.of("src/test/resources/driftpolicy");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    /** The end of an evaluation, the trigger, who is told of it, and an evaluation that came meanwhile. */
    private static final int LOOKS = 4;

    private static final PlanSettings SETTINGS = PlanSettings.of(TestSettings.with(Map.of(
            "artifact-store.uri", "s3://tatara/prod",
            "artifact-store.endpoint", "http://s3.example.com:9000")));

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
                        DriftPolicy.class,
                        InferenceService.class,
                        ModelVersion.class,
                        FeatureView.class,
                        TrainingJob.class,
                        ConfigMap.class,
                        Job.class,
                        Pod.class));
        var policy = (DriftPolicy) others.remove("in-DriftPolicy.yaml");

        var decision = Decision.about(observed(policy, others.values()), SETTINGS, NOW);
        var status = DriftPolicyStatusFactory.create(policy, decision, NOW);

        GoldenFolder.compare(folder, outputsOf(policy, decision, status));
        soonNothingIsLeftToDo(policy, decision, List.copyOf(others.values()));
    }

    /** Once what was decided is done, and what comes next, deciding again changes nothing. */
    private static void soonNothingIsLeftToDo(DriftPolicy policy, Decision first, List<HasMetadata> others) {
        var decision = first;
        var objects = others;
        for (int look = 1; look <= LOOKS; look++) {
            var status = DriftPolicyStatusFactory.create(policy, decision, NOW);
            objects = afterwards(objects, decision);
            policy.setStatus(withAlertsOf(policy, status));
            decision = Decision.about(observed(policy, objects), SETTINGS, NOW);
        }
        var status = DriftPolicyStatusFactory.create(policy, decision, NOW);
        assertThat(tree(status))
                .as("status after %d looks", LOOKS)
                .isEqualTo(tree(policy.getStatus().withoutAlerts()));
        assertThat(made(decision)).isEmpty();
        assertThat(decision.obsolete()).isEmpty();
        assertThat(DriftPolicyNews.between(policy.getStatus(), status, decision))
                .isEmpty();
    }

    /** What the API server makes of our status: alerts are somebody else's. */
    private static DriftPolicyStatus withAlertsOf(DriftPolicy policy, DriftPolicyStatus status) {
        var tree = YAML.convertValue(status, Map.class);
        @SuppressWarnings("unchecked") // JSON objects have texts as keys
        var merged = new LinkedHashMap<String, Object>(tree);
        if (policy.getStatus() != null) {
            merged.put("alerts", policy.getStatus().alerts());
            merged.put("alertsCount", policy.getStatus().alertsCount());
        }
        return YAML.convertValue(merged, DriftPolicyStatus.class);
    }

    private static List<HasMetadata> afterwards(List<HasMetadata> objects, Decision decision) {
        var left = new ArrayList<HasMetadata>(objects);
        left.removeAll(decision.obsolete());
        made(decision).forEach(made -> left.add(GoldenFolder.made(made, NOW)));
        return left;
    }

    private static Observed observed(DriftPolicy policy, Collection<HasMetadata> others) {
        others.stream()
                .filter(object -> object instanceof Job || object instanceof ConfigMap)
                .forEach(object -> assertThat(Owners.owns(policy, object))
                        .as("owner of " + object.getMetadata().getName())
                        .isTrue());
        return new Observed(
                policy,
                only(Job.class, others),
                only(Pod.class, others),
                only(ConfigMap.class, others),
                only(InferenceService.class, others).stream().findFirst().orElse(null),
                only(ModelVersion.class, others).stream().findFirst().orElse(null),
                only(FeatureView.class, others).stream().findFirst().orElse(null),
                only(TrainingJob.class, others));
    }

    private static Map<String, Object> outputsOf(DriftPolicy policy, Decision decision, DriftPolicyStatus status) {
        var outputs = new TreeMap<String, Object>();
        outputs.put("out-status.yaml", status);
        made(decision).forEach(object -> outputs.put(GoldenFolder.fileOf(object), object));
        var actions = new LinkedHashMap<String, Object>();
        actions.put("events", GoldenFolder.wordsOf(DriftPolicyNews.between(policy.getStatus(), status, decision)));
        actions.put("creates", GoldenFolder.namesOf(made(decision)));
        actions.put("deletes", GoldenFolder.namesOf(decision.obsolete()));
        actions.put("wakeAt", String.valueOf(decision.wakeAt()));
        outputs.put("out-actions.yaml", actions);
        return outputs;
    }

    private static List<HasMetadata> made(Decision decision) {
        return Stream.of(
                        decision.maps().stream(),
                        Stream.ofNullable(decision.evaluation()),
                        decision.notifications().stream())
                .flatMap(objects -> objects.map(HasMetadata.class::cast))
                .toList();
    }
}

package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.PodMetrics;
import dev.tatara.e2e.cluster.Story;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.Call;
import dev.tatara.e2e.load.Calls;
import dev.tatara.e2e.load.K6Load;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A service whose versions multiply by their number, and what its users do to it. */
final class Multiplier {
    private static final int REPLICAS = 2;

    /** Of the 336 that are asked for; a machine that has more to do than this doesn't bear them all. */
    private static final int LEAST_PER_SECOND = 150;

    private final TestNamespace namespace;
    private final String service;

    Multiplier(TestNamespace namespace, String service) {
        this.namespace = namespace;
        this.service = service;
    }

    /** Serves a version, the first. */
    void serve(int factor) {
        prepare(factor);
        namespace.apply(Manifests.pinned(service, version(factor), REPLICAS));
        awaitServing(factor);
    }

    /** Makes versions that may be rolled out. */
    void prepare(int... factors) {
        for (var factor : factors) {
            namespace.apply(Manifests.modelVersion(
                    version(factor), service, Integer.toString(factor), namespace.upload("times-" + factor), "None"));
        }
        for (var factor : factors) {
            namespace.awaitModelVersion(version(factor), version -> version.hasCondition("Ready", "True"));
        }
    }

    /** Asks for a version, with a block spec.rollout in YAML's flow style. */
    void roll(int factor, String rollout) {
        namespace.apply(Manifests.pinned(service, version(factor), REPLICAS, rollout));
    }

    void awaitServing(int factor) {
        namespace.awaitServing(service, version(factor));
    }

    /** Waits until every pod gives the candidate its part in a step. */
    void awaitStep(String step, int weight) {
        namespace.awaitInferenceService(service, object -> {
            assertThat(object.status("rollout", "stepName")).isEqualTo(step);
            assertThat(object.status("candidate", "observedWeight")).isEqualTo(weight);
        });
    }

    CustomObject awaitPhase(String phase) {
        return namespace.awaitInferenceService(
                service, object -> assertThat(object.phase()).isEqualTo(phase));
    }

    CustomObject object() {
        return namespace.inferenceService(service);
    }

    Story story() {
        return namespace.storyOf("InferenceService", service);
    }

    K6Load load() {
        return K6Load.on(namespace.address(service), service);
    }

    /** Lets the candidate go on from the step it is in. */
    void promote() {
        var object = object();
        order("promote", object.status("candidate", "revision") + "/" + object.status("rollout", "stepName"));
    }

    /** Gives the candidate up. */
    void abort() {
        order("abort", String.valueOf(object().status("candidate", "revision")));
    }

    /** Tells how requests of a load went: none may have failed. */
    void report(Calls calls) {
        System.out.printf("%s: %.0f requests/s, %s%n", service, calls.rate(), tell(calls));
        for (var protocol : Call.Protocol.values()) {
            System.out.printf("%s: %s: %s%n", service, protocol, tell(calls.of(protocol)));
        }
        assertThat(calls.failures()).isEmpty();
        assertThat(calls.rate()).isGreaterThanOrEqualTo(LEAST_PER_SECOND);
    }

    private static String tell(Calls calls) {
        return "%d requests, %s by version, %d failed"
                .formatted(calls.count(), calls.byFactor(), calls.failures().size());
    }

    private void order(String name, String value) {
        namespace
                .kubectl("annotate", "infsvc", service, "--overwrite", "mlops.tatara.dev/" + name + "=" + value)
                .succeeded();
    }

    List<Pod> pods() {
        return namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", service));
    }

    /** Pods of a revision. */
    List<Pod> pods(Object revision) {
        return namespace.pods(Map.of(
                "mlops.tatara.dev/inferenceservice", service, "mlops.tatara.dev/revision", String.valueOf(revision)));
    }

    /** How many requests pods have answered in the place of a revision that they couldn't reach, as they say themselves. */
    long stoodIn(Object revision) {
        var series = Pattern.compile(
                "^tatara_router_stood_in_total\\{[^}]*revision=\"" + revision + "\"[^}]*} (\\S+)", Pattern.MULTILINE);
        return pods().stream()
                .flatMap(pod -> series.matcher(PodMetrics.of(pod)).results())
                .mapToLong(result -> (long) Double.parseDouble(result.group(1)))
                .sum();
    }

    /** The revisions that aren't to be rolled out again. */
    List<Map<String, Object>> rejected() {
        return list(object(), "rejected");
    }

    /** The rollouts that ended, the newest first. */
    List<Map<String, Object>> history() {
        return list(object(), "history");
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(CustomObject object, String field) {
        var list = (List<Map<String, Object>>) object.status(field);
        return list == null ? List.of() : list;
    }

    String version(int factor) {
        return service + "-" + factor;
    }
}

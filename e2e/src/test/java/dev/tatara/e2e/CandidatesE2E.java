package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.e2e.cluster.CustomObject;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ConstantLoad;
import dev.tatara.e2e.load.ModelEndpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What may be wrong with a candidate, one service each, all of them under constant load at once: everyone goes back and
 * says why, what served isn't touched, and nobody's request fails that the candidate wasn't given.
 */
@OnCluster
@Tag("long")
class CandidatesE2E {
    private static final int REQUESTS_PER_SECOND = 20;
    private static final int ENOUGH = 10;
    private static final String MODEL = "tens";
    private static final String SPEC_RESOURCES = "{requests: {cpu: 50m, memory: 192Mi}, limits: {memory: 512Mi}}";

    /** What a candidate was given may take as long as its client waits; CanaryE2E says how soon it is given nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** Rolls out a third of the requests, for as long as it takes. */
    private static final String CANARY = "{strategy: Canary, canary: {steps: [{name: taste, weight: 30, hold: %s},"
            + " {name: all, weight: 100}]}, scaleDownDelay: 2s, %s}";

    private static final String ANALYSIS = "analysis: {interval: 1s, minSamples: 40, checks: [%s]}";
    private static final String SLOW = "{name: median, latency: {percentile: 50, maxIncreasePercent: 300}}";
    private static final String QUICK = "{name: median, latency: {percentile: 50, maxMillis: 5000}}";

    /** Where too much runs at once, forwards may time out, and count as failed. */
    private static final String FEW_ERRORS = "{name: errors, errorRate: {max: 0.5}}";

    private static final String ERRORS = "{name: errors, errorRate: {max: 0.05}}";

    /** What becomes of the candidate of each service, as somebody would write it. */
    private final Map<String, String> candidates = new TreeMap<>(Map.of(
            "slow",
            candidate("slow", "slowly", CANARY.formatted("10m", ANALYSIS.formatted(SLOW))),
            "failing",
            candidate("failing", "below-5", CANARY.formatted("10m", ANALYSIS.formatted(ERRORS))),
            "crashing",
            crashing("30m"),
            "unready",
            candidate("unready", "3", CANARY.formatted("10m", "progressDeadline: 20s"))
                    + "  runtime: {image: tatara.dev/redis:dev}\n",
            "hungry",
            candidate("hungry", "3", CANARY.formatted("10m", "progressDeadline: 10m"))
                            .replace(SPEC_RESOURCES, "{requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 64Mi}}")
                    + inPod("{name: JAVA_TOOL_OPTIONS, value: '-Xms256m -Xmx256m -XX:+AlwaysPreTouch'}"),
            "good",
            candidate("good", "4", CANARY.formatted("3s", ANALYSIS.formatted(QUICK + ", " + FEW_ERRORS)))));

    private final TestNamespace namespace;
    private final Map<String, ConstantLoad> loads = new HashMap<>();
    private final Map<String, Map<String, Integer>> podsBefore = new HashMap<>();
    private Instant begun = Instant.EPOCH;

    CandidatesE2E(TestNamespace namespace) {
        this.namespace = namespace;
    }

    @BeforeAll
    void areRolledOutSideBySide() {
        namespace.apply(String.join(
                "---\n",
                version("2", "times-2"),
                version("3", "times-3"),
                version("4", "times-4"),
                version("slowly", "times-5-slowly"),
                version("below-5", "times-6-below-5")));
        List.of("2", "3", "4", "slowly", "below-5")
                .forEach(version -> namespace.awaitModelVersion(
                        MODEL + "-" + version, object -> object.hasCondition("Ready", "True")));
        namespace.apply(candidates.keySet().stream()
                .map(service -> Manifests.pinned(service, MODEL + "-2", 1))
                .collect(Collectors.joining("---\n")));
        candidates.keySet().forEach(service -> {
            namespace.awaitServing(service, MODEL + "-2");
            podsBefore.put(service, pods(service));
            loads.put(
                    service,
                    ConstantLoad.on(new ModelEndpoint(namespace.address(service), MODEL), REQUESTS_PER_SECOND));
        });
        candidates.keySet().forEach(service -> loads.get(service).awaitMore(2, ENOUGH));
        begun = Instant.now();
        namespace.apply(String.join("---\n", candidates.values()));
    }

    @AfterAll
    void end() {
        loads.values().forEach(ConstantLoad::close);
    }

    @Test
    void aSlowOneIsFoundByItsLatency() {
        var reason = goesBack("slow", true, "check median failed", "p50 of", "stable's");
        var report = loads.get("slow").stop().assertUnfailing("slow");
        assertThat(report.answers()).containsOnlyKeys(2, 5);
        gaveNothingAfter(reason, Objects.requireNonNull(loads.get("slow").latestOf(5)));
    }

    /** It fails at what clients send and stable answers; what it was given meanwhile has failed, and nothing else. */
    @Test
    void oneThatFailsAtSomeInputsIsFoundByItsErrors() {
        var reason = goesBack("failing", true, "check errors failed", "refused for their inputs");
        var report = loads.get("failing").stop().print("failing");
        assertThat(report.answers()).containsOnlyKeys(2);
        assertThat(report.failures())
                .hasSizeLessThan((int) (report.sent() / 2))
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure.why()).contains("400", "the model refuses these inputs"));
        report.failures().forEach(failure -> gaveNothingAfter(reason, failure.at()));
    }

    @Test
    void oneThatCrashesSaysWhyInItsOwnWords() {
        goesBack(
                "crashing", false, "weren't ready within 20s", "restarted", "Unrecognized VM option 'MaxRamPercentage");
        neverAnswered("crashing");

        // An edit that has nothing to do with it doesn't bring it back; somebody who says so does.
        namespace.apply(crashing("29m"));
        namespace.awaitInferenceService("crashing", edited -> {
            assertThat(edited.status("observedGeneration"))
                    .isEqualTo(edited.resource().getMetadata().getGeneration().intValue());
            assertThat(edited.phase()).isEqualTo("RolledBack");
            assertThat(edited.status("candidate")).isNull();
        });
        var revision = rejected("crashing").getFirst().get("revision");
        namespace
                .kubectl("annotate", "infsvc", "crashing", "mlops.tatara.dev/retry=" + revision)
                .succeeded();
        namespace.awaitInferenceService("crashing", again -> {
            assertThat(again.status("candidate", "revision")).isEqualTo(revision);
            assertThat(again.status("rejected")).isNull();
        });
        assertThat(events("crashing", "RejectionLifted")).contains(String.valueOf(revision));
    }

    @Test
    void oneThatNeverGetsReadyIsNotWaitedForForEver() {
        goesBack("unready", false, "weren't ready within 20s", "runs, but hasn't passed its startup probe");
        neverAnswered("unready");
    }

    /** Its deadline is ten minutes away: nobody waits for it. */
    @Test
    void oneThatRunsOutOfMemoryGoesBackTheSecondTime() {
        goesBack("hungry", false, "can't get ready", "ran out of its 64Mi of memory (OOMKilled)", "spec.resources");
        neverAnswered("hungry");
    }

    @Test
    void aGoodOneIsPromoted() {
        namespace.awaitServing("good", MODEL + "-4");
        System.out.printf("good: served %s after the change%n", Duration.between(begun, Instant.now()));
        loads.get("good").awaitMore(4, ENOUGH);
        var report = loads.get("good").stop().assertUnfailing("good");
        assertThat(report.answers()).containsOnlyKeys(2, 4);
    }

    /** Waits until the service is back, and returns when that was decided. */
    private Instant goesBack(String service, boolean isTheModels, String... words) {
        var back = namespace.awaitInferenceService(
                service, object -> assertThat(object.phase()).isEqualTo("RolledBack"));
        back.hasCondition("Ready", "True").hasCondition("UpToDate", "False").hasCondition("Stalled", "True");
        assertThat(back.status("stable", "modelVersion")).isEqualTo(MODEL + "-2");
        assertThat(back.status("candidate")).isNull();
        var rejection = rejected(service).getFirst();
        var at = Instant.parse(String.valueOf(rejection.get("at")));
        System.out.printf("%s: given up %s after the change: %s%n", service, Duration.between(begun, at), rejection);
        assertThat(rejection).containsEntry("quarantine", isTheModels);
        for (var told : List.of(
                String.valueOf(rejection.get("reason")), message(back, "UpToDate"), events(service, "RolledBack"))) {
            assertThat(told).contains(words);
        }
        assertThat(pods(service)).as("pods with their restarts").containsAllEntriesOf(podsBefore.get(service));
        return at;
    }

    private void neverAnswered(String service) {
        loads.get(service).awaitMore(2, ENOUGH);
        var report = loads.get(service).stop().assertUnfailing(service);
        assertThat(report.answers()).containsOnlyKeys(2);
    }

    /** Times in a status are whole seconds. */
    private static void gaveNothingAfter(Instant verdict, Instant answer) {
        assertThat(answer).isBefore(verdict.plusSeconds(1).plus(PATIENCE));
    }

    /** Those of stable: the candidate's come and go. */
    private Map<String, Integer> pods(String service) {
        return namespace.pods(Map.of("mlops.tatara.dev/inferenceservice", service)).stream()
                .collect(Collectors.toMap(
                        pod -> pod.getMetadata().getUid(), pod -> pod.getStatus().getContainerStatuses().stream()
                                .mapToInt(container -> container.getRestartCount())
                                .sum()));
    }

    private static String message(CustomObject object, String condition) {
        return String.valueOf(object.condition(condition).orElseThrow().get("message"));
    }

    private String events(String service, String reason) {
        return namespace
                .kubectl(
                        "get",
                        "events",
                        "--field-selector",
                        "involvedObject.name=" + service + ",reason=" + reason,
                        "-o",
                        "jsonpath={.items[*].message}")
                .succeeded();
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> rejected(String service) {
        return (List<Map<String, Object>>)
                Objects.requireNonNull(namespace.inferenceService(service).status("rejected"));
    }

    /** A mistyped option, as people write them. */
    private static String crashing(String stepTimeout) {
        return candidate("crashing", "3", CANARY.formatted("10m", "progressDeadline: 20s, stepTimeout: " + stepTimeout))
                + inPod("{name: JAVA_TOOL_OPTIONS, value: '-XX:MaxRamPercentage=50'}");
    }

    private static String candidate(String service, String version, String rollout) {
        return Manifests.pinned(service, MODEL + "-" + version, 1, rollout);
    }

    private static String inPod(String variable) {
        return "  podTemplate: {spec: {containers: [{name: runtime, env: [" + variable + "]}]}}\n";
    }

    private String version(String version, String file) {
        return Manifests.modelVersion(MODEL + "-" + version, MODEL, version, namespace.upload(file), "None");
    }
}

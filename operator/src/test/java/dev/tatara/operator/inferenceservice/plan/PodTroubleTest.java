package dev.tatara.operator.inferenceservice.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people read of pods as the kubelet describes them. */
class PodTroubleTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final String KILLED = "{exitCode: 137, reason: OOMKilled}";

    @Test
    void aCrashLoopIsToldInTheProcesssOwnWords() {
        assertThat(trouble("""
                restartCount: 3, state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s restarting failed container}},
                lastState: {terminated: {exitCode: 1, reason: Error,
                  message: "Unrecognized VM option 'UseNoGC'\\nError: Could not create the Java Virtual Machine.\\n"}}"""))
                .isEqualTo("pod a: restarted 3 times (CrashLoopBackOff), last: Unrecognized VM option 'UseNoGC' Error:"
                        + " Could not create the Java Virtual Machine.");
    }

    /** Between two ends a container runs for a moment: the deadline may fall there. */
    @Test
    void aCrashLoopIsOneAlsoWhileTheContainerRuns() {
        assertThat(
                        trouble(
                                "restartCount: 2, started: false, state: {running: {}}, lastState: {terminated: {exitCode: 3}}"))
                .isEqualTo("pod a: restarted 2 times, last: exit code 3");
        assertThat(trouble("restartCount: 0, state: {terminated: {exitCode: 3, message: no such model}}"))
                .isEqualTo("pod a: ended: no such model");
    }

    @Test
    void whatIsWellAgainIsNoTrouble() {
        assertThat(trouble(
                        "restartCount: 2, ready: true, state: {running: {}}, lastState: {terminated: {exitCode: 3}}"))
                .isEmpty();
        assertThat(trouble("restartCount: 0, state: {running: {}}")).isEmpty();
        assertThat(trouble("restartCount: 0, state: {waiting: {reason: ContainerCreating}}"))
                .isEmpty();
    }

    @Test
    void tooLittleMemorySaysHowMuchThereWas() {
        assertThat(trouble("restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: "
                        + KILLED + "}"))
                .isEqualTo(
                        "pod a: restarted 1 times (CrashLoopBackOff), last: ran out of its 64Mi of memory (OOMKilled);"
                                + " raise spec.resources.limits.memory");
    }

    @Test
    void ofManyWordsTheLastAreKept() {
        assertThat(trouble("restartCount: 1, state: {running: {}}, lastState: {terminated: {exitCode: 1, message: '"
                        + "x".repeat(4000) + " the cause'}}"))
                .hasSizeLessThan(500)
                .startsWith("pod a: restarted 1 times, last: …xxx")
                .endsWith("x the cause");
    }

    @Test
    void anImageAndWhatCanNotBeStartedAreTold() {
        assertThat(trouble("image: tatara.dev/none:1, state: {waiting: {reason: ImagePullBackOff, message: Back-off}}"))
                .isEqualTo("pod a: image tatara.dev/none:1 can't be pulled (kubectl describe pod shows why)");
        assertThat(trouble("state: {waiting: {reason: CreateContainerConfigError, message: secret \"s\" not found}}"))
                .isEqualTo("pod a: CreateContainerConfigError: secret \"s\" not found");
    }

    @Test
    void whoJustIsNotReadyIsToldOf() {
        assertThat(unready("ready: false, started: false, state: {running: {}}"))
                .isEqualTo("pod a: runs, but hasn't passed its startup probe (kubectl logs shows what it does)");
        assertThat(unready("ready: false, started: true, state: {running: {}}"))
                .isEqualTo("pod a: runs, but hasn't passed its readiness probe (kubectl logs shows what it does)");
        assertThat(unready("ready: false, state: {waiting: {reason: ContainerCreating}}"))
                .isEqualTo("pod a: is still ContainerCreating (kubectl describe pod shows why)");
        assertThat(unready("ready: true, started: true, state: {running: {}}")).isEmpty();
    }

    /** One end may be chance: a neighbour's, or the node's. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "false | restartCount: 0, state: {terminated: KILLED}",
                "false | restartCount: 1, state: {running: {}}, lastState: {terminated: KILLED}",
                "true  | restartCount: 1, state: {terminated: KILLED}, lastState: {terminated: KILLED}",
                "true  | restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: KILLED}",
                "true  | restartCount: 2, state: {running: {}}, lastState: {terminated: KILLED}",
                "false | restartCount: 2, ready: true, state: {running: {}}, lastState: {terminated: KILLED}",
                "false | restartCount: 2, state: {running: {}}, lastState: {terminated: {exitCode: 1}}",
            })
    void theSecondTimeWithoutMemoryIsNoChance(boolean expected, String status) {
        assertThat(PodTrouble.isShortOfMemory(List.of(pod(status.replace("KILLED", KILLED)))))
                .isEqualTo(expected);
    }

    private static String trouble(String status) {
        return PodTrouble.in(List.of(pod(status))).orElse("");
    }

    private static String unready(String status) {
        return PodTrouble.unready(List.of(pod(status))).orElse("");
    }

    private static Pod pod(String status) {
        return YAML.unmarshal("""
                ---
                metadata: {name: a}
                spec: {containers: [{name: runtime, resources: {limits: {memory: 64Mi}}}]}
                status: {containerStatuses: [{name: runtime, %s}]}
                """.formatted(status.replace("\n", " ")), Pod.class);
    }
}

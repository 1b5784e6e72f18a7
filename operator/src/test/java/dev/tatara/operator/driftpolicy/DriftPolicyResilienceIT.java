package dev.tatara.operator.driftpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger.State;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.operator.testing.KillStory;
import dev.tatara.operator.testing.MortalClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an operator that is killed, restarted or left alone writes: nothing else, nothing twice, nothing at all. */
class DriftPolicyResilienceIT extends DriftPolicyScene {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    @Test
    void nothingIsWrittenAtRestNorByANewOperator() {
        ask();
        start(MortalClient.immortal(api));
        answer();
        assertQuiet(() -> {
            annotate("somebody", "else");
            alert("[]", 0);
        });
        assertQuietAfterRestart();
    }

    @Test
    void anOperatorKilledAfterAnyWriteLeadsToTheSameObjects() {
        KillStory.in(this)
                .ask(this::ask, () -> has("retrain", State.Pending))
                .ask(this::train, this::isAnswered)
                .leavesTheSame(this::normalized, () -> assertThat(started()).doesNotHaveDuplicates());
    }

    /** A service that has drifted, for which a run and a notice are asked. */
    private void ask() {
        serve(1);
        train("{phase: Idle}");
        judge(Judgement.Breached);
        apply(
                "window: {every: 1h}",
                "data: {share: 0.3}",
                "consecutiveBreaches: 1",
                "actions:",
                "- {name: retrain, when: [DataDrift], then: Retrain, approval: Automatic}",
                "- {name: tell, when: [DataDrift], then: Notify}",
                "notify: [{name: team, type: Slack, urlSecretRef: {name: slack}}]");
    }

    private void answer() {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> has("retrain", State.Pending) || has("retrain", State.Handled));
        train();
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(this::isAnswered);
    }

    private void train() {
        train(
                "{phase: Running, latestRun: 1, activeRun: 1, runs: [{number: 1, phase: Training}], handled: {triggers: {churn/retrain: "
                        + trigger("retrain").orElseThrow().id() + "}}}");
    }

    private boolean isAnswered() {
        return has("retrain", State.Handled) && has("tell", State.Handled);
    }

    private boolean has(String action, State state) {
        return trigger(action).map(Trigger::state).filter(state::equals).isPresent();
    }

    /** What the operator left, without what differs from one run to the next: times, ids, the namespace. */
    private Map<String, Object> normalized() {
        var objects = new TreeMap<String, Object>();
        for (var job : jobs()) {
            objects.put(timeless(job.getMetadata().getName()), timeless(argumentsOf(job)));
        }
        for (var map : maps()) {
            objects.put(timeless(map.getMetadata().getName()), timeless(map.getData()));
        }
        objects.put("status", timeless(JSON.asJson(status())));
        return objects;
    }

    private String timeless(Object text) {
        return anywhere(text)
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "TIME")
                .replaceAll("(retrain|tell)-1-[0-9a-f]{6}", "$1-1-ID")
                .replaceAll("notify-[0-9a-f]{8}", "notify-ID")
                .replaceAll("(notice|drift)-[0-9a-f]{10}", "$1-ID")
                .replaceAll("/1-[0-9a-f]{8}", "/1-ID")
                // What else is asked for when somebody is told: the run may have begun before.
                .replaceAll("\"facts\":\\{[^}]*}", "")
                .replaceAll("\"definition\":\"[0-9a-f]+\"", "");
    }
}

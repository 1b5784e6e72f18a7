package dev.tatara.operator.modelversion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Phase;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.operator.modelversion.plan.Decision;
import dev.tatara.operator.testing.KillStory;
import dev.tatara.operator.testing.MortalClient;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an operator that is killed, restarted or left alone writes: nothing else, nothing twice, nothing at all. */
class ModelVersionResilienceIT extends ModelVersionScene {

    @Test
    void nothingIsWrittenAtRestNorByANewOperator() {
        start(MortalClient.immortal(api));
        reject(3, "DigestMismatch", "expected sha256 aa, found bb");
        apply(1, "stage: Production, metrics: {accuracy: 0.9}, gates: [{metric: accuracy, min: 0.5}]");
        apply(2, "stage: Production, approval: {required: true}");
        apply(3, "stage: Production");
        applyService("web", "{versionRef: {name: churn-1}}");
        awaitStages(Map.of(1, Stage.Production, 2, Stage.None, 3, Stage.None));
        awaitPhase(3, Phase.Rejected);
        assertQuiet(() -> List.of(1, 2, 3).forEach(number -> annotate(number, "somebody", "else")));
        jobs().forEach(job -> api.client().resource(job).delete());
        assertQuietAfterRestart();
        assertThat(jobs()).isEmpty();
    }

    @Test
    void anOperatorKilledAfterAnyWriteLeadsToTheSameObjects() {
        KillStory.in(this).ask(this::ask, this::hasEnded).leavesTheSame(this::normalized, () -> assertThat(
                        inspections.startedIn(namespace))
                .doesNotHaveDuplicates());
    }

    /** A version that is used, one that takes its stage, and one that is at fault. */
    private void ask() {
        reject(3, "DigestMismatch", "expected sha256 aa, found bb");
        apply(1, "stage: Production");
        apply(2, "stage: Production");
        apply(3, "stage: Production");
        applyService("web", "{versionRef: {name: churn-1}}");
    }

    private boolean hasEnded() {
        return List.of(1, 2, 3).stream()
                        .allMatch(number -> version(number).get().getStatus() != null)
                && status(1).stage() == Stage.Archived
                && status(2).stage() == Stage.Production
                && status(3).phase() == Phase.Rejected
                && finalizers(1).contains(Decision.IN_USE)
                && status(1).usedBy().equals(List.of("web"));
    }

    /** What the operator left, without what differs from one run to the next: times, uids, the namespace. */
    private Map<String, Object> normalized() {
        var objects = new TreeMap<>(labelsOf(jobs()));
        for (int number = 1; number <= 3; number++) {
            var status = withoutTimes(status(number));
            status.remove("stageHistory");
            ((ObjectNode) status.get("verification")).remove(List.of("startedAt", "finishedAt"));
            objects.put("churn-" + number, anywhere(status));
            objects.put("finalizers of churn-" + number, finalizers(number));
        }
        return objects;
    }
}

package dev.tatara.operator.featureview;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.Phase;
import dev.tatara.operator.featureview.plan.Annotations;
import dev.tatara.operator.testing.KillStory;
import dev.tatara.operator.testing.MortalClient;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an operator that is killed, restarted or left alone writes: nothing else, nothing twice, nothing at all. */
class FeatureViewResilienceIT extends FeatureViewScene {
    private static final String BEFORE = "s3://raw/before/*.parquet";
    private static final String AFTER = "s3://raw/after/*.parquet";

    @Test
    void nothingIsWrittenAtRestNorByANewOperator() {
        start(MortalClient.immortal(api));
        apply(BEFORE, "materialization: {schedule: {cron: '0 0 1 1 *'}}");
        annotate(Annotations.BACKFILL, "nonsense");
        awaitPhase(Phase.Ready);
        assertQuiet(() -> annotate("somebody", "else"));
        assertQuietAfterRestart();
    }

    @Test
    void anOperatorKilledAfterAnyWriteLeadsToTheSameObjects() {
        KillStory.in(this)
                .ask(() -> apply(BEFORE, ""), () -> isReady(1))
                .ask(() -> apply(AFTER, ""), () -> isReady(2))
                .ask(() -> annotate(Annotations.BACKFILL, "2025-01-01/2025-02-01"), () -> isReady(3))
                .leavesTheSame(this::normalized, () -> assertThat(started()).doesNotHaveDuplicates());
    }

    private boolean isReady(int snapshot) {
        var status = status();
        return status.phase() == Phase.Ready && status.snapshot().number() == snapshot;
    }

    /** What the operator left, without what differs from one run to the next: times, uids, the namespace. */
    private Map<String, Object> normalized() {
        var objects = new TreeMap<>(labelsOf(jobs()));
        for (var map : definitions()) {
            objects.put("definition", anywhere(map.getData().get("view.yaml")));
        }
        objects.put("definitions", definitions().size());
        var status = withoutTimes(status());
        ((ObjectNode) status.get("materialization")).remove(List.of("startedAt", "finishedAt"));
        status.remove("lastMaterialization");
        objects.put("status", anywhere(status));
        return objects;
    }
}

package dev.tatara.operator.inferenceservice;

import dev.tatara.operator.inferenceservice.plan.ModelChoice;
import dev.tatara.operator.inferenceservice.plan.Observed;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.RolloutPlanner;
import dev.tatara.operator.inferenceservice.plan.Support;
import dev.tatara.operator.inferenceservice.rollout.CandidateJudge;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import dev.tatara.operator.kubernetes.Applier;
import java.util.Optional;
import java.util.stream.Stream;

/** What of a specification can't be honoured, before anything is done about it. */
final class InferenceServiceRefusals {
    private final PodRenderer renderer;
    private final RolloutPlanner planner;
    private final TrafficProvider traffic;
    private final CandidateJudge judge;
    private final Applier applier;

    InferenceServiceRefusals(
            PodRenderer renderer,
            RolloutPlanner planner,
            TrafficProvider traffic,
            CandidateJudge judge,
            Applier applier) {
        this.renderer = renderer;
        this.planner = planner;
        this.traffic = traffic;
        this.judge = judge;
        this.applier = applier;
    }

    /** Why the service can't be had as it is asked for; empty where it can. */
    Optional<Refusal> of(Observed observed) {
        var spec = observed.service().getSpec();
        var reserved = renderer.reservedFieldsIn(spec);
        if (!reserved.isEmpty()) {
            return Optional.of(new Refusal(
                    Refusal.INVALID_POD_TEMPLATE,
                    "spec.podTemplate sets fields that the operator needs for itself: " + String.join(", ", reserved)
                            + "; remove them"));
        }
        return Support.refusal(spec)
                .or(() -> traffic.obstacle(observed.service()).map(why -> new Refusal(Refusal.NOT_SUPPORTED, why)))
                .or(() -> refusedRollout(observed));
    }

    /** What only matters when there is something to roll out. */
    private Optional<Refusal> refusedRollout(Observed observed) {
        if (!(observed.choice() instanceof ModelChoice.Chosen chosen)) {
            return Optional.empty();
        }
        var asked = planner.askedFor(observed, chosen);
        var selected = observed.selectedRevision();
        if (selected.isPresent() && !selected.get().equals(asked.id())) {
            var stages = Stages.of(observed.service().getSpec().rollout());
            var obstacle = stages.stream()
                    .flatMap(stage -> Stream.of(
                                    Stages.obstacle(stage),
                                    stage.atOnce() ? Optional.<String>empty() : traffic.obstacle(stage),
                                    judge.obstacle(observed.service().getSpec(), stage))
                            .flatMap(Optional::stream))
                    .findFirst()
                    .map(why -> new Refusal(Refusal.NOT_SUPPORTED, why))
                    .or(() -> Support.refusal(observed, asked));
            if (obstacle.isPresent()) {
                return obstacle;
            }
        }
        return observed.revisions().containsKey(asked.id())
                ? Optional.empty()
                : applier.refusal(planner.deploymentOf(observed.service(), asked))
                        .map(words -> new Refusal(
                                Refusal.INVALID_POD_TEMPLATE,
                                "the API server refuses the pods: " + words + "; correct spec.podTemplate"));
    }
}

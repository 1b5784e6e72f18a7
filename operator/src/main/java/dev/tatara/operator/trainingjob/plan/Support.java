package dev.tatara.operator.trainingjob.plan;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.operator.schedule.CronSchedule;
import dev.tatara.operator.schedule.InvalidScheduleException;
import dev.tatara.operator.trainingjob.run.Refusal;
import dev.tatara.operator.trainingjob.sweep.SearchSpace;
import dev.tatara.operator.trainingjob.train.TrainerJob;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;

/** What only the operator can tell to be wrong with a specification. */
final class Support {
    private static final String SCHEDULE = "spec.triggers.schedule";

    private Support() {}

    /** Why no run can be started as the specification is. */
    static Optional<Refusal> refusal(TrainingJobSpec spec, KubernetesSerialization serialization) {
        var reserved = TrainerJob.reservedFieldsIn(spec, serialization);
        if (!reserved.isEmpty()) {
            return Optional.of(new Refusal(
                    "ReservedFields",
                    "spec.trainer.podTemplate sets what the operator needs for itself: " + String.join(", ", reserved)
                            + "; remove it"));
        }
        var problem = TrainerJob.problem(spec).or(() -> SearchSpace.problem(spec));
        if (problem.isPresent()) {
            return Optional.of(new Refusal("InvalidSpec", problem.get()));
        }
        try {
            scheduleOf(spec);
            return Optional.empty();
        } catch (InvalidScheduleException e) {
            return Optional.of(new Refusal("InvalidSchedule", e.getMessage()));
        }
    }

    /**
     * The schedule, if there is one.
     *
     * @throws InvalidScheduleException if it names no times
     */
    static Optional<CronSchedule> scheduleOf(TrainingJobSpec spec) {
        return spec.triggers() == null || spec.triggers().schedule() == null
                ? Optional.empty()
                : Optional.of(CronSchedule.of(spec.triggers().schedule(), SCHEDULE));
    }
}

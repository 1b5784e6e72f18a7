package dev.tatara.operator.trainingjob;

import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.operator.kubernetes.News;
import dev.tatara.operator.trainingjob.plan.Activity;
import dev.tatara.operator.trainingjob.plan.Decision;
import dev.tatara.operator.trainingjob.plan.TrainingJobEvent;
import java.util.List;

/** What is new about a training, as events: what its decision tells, and what its conditions show for the first time. */
final class TrainingJobNews {
    private TrainingJobNews() {}

    static List<News.Notice<TrainingJobEvent>> between(
            TrainingJobStatus before, TrainingJobStatus after, Decision decision) {
        var known = before == null ? TrainingJobStatus.EMPTY : before;
        var news = new News<TrainingJobEvent>(known.conditions(), after.conditions());
        decision.news().forEach(notice -> news.add(notice.event(), notice.note(), notice.occasion()));
        if (decision.activity() instanceof Activity.Running running && running.isHeldUp()) {
            news.changed(TrainingJobStatusFactory.PROGRESSING)
                    .ifPresent(condition -> news.add(
                            TrainingJobEvent.StepHeldUp,
                            "run " + after.activeRun() + ": " + condition.reason() + ": " + condition.message(),
                            "run " + after.activeRun() + ", " + attempt(after)));
        }
        news.changed(TrainingJobStatusFactory.ACCEPTED)
                .filter(condition -> condition.status() == ConditionStatus.False)
                .ifPresent(condition -> news.add(
                        TrainingJobEvent.NotAccepted,
                        condition.reason() + ": " + condition.message(),
                        "generation " + after.observedGeneration()));
        return news.toList();
    }

    private static String attempt(TrainingJobStatus after) {
        return after.active() == null
                ? ""
                : after.active().step() + " " + after.active().attempt();
    }
}

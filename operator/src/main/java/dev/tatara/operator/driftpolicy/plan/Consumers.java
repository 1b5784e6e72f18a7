package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who does what a policy's triggers ask for, and how far they are: each says in its own status which triggers it has
 * handled.
 */
final class Consumers {
    private final Observed observed;
    private final Notifications notifications;

    Consumers(Observed observed, Notifications notifications) {
        this.observed = observed;
        this.notifications = notifications;
    }

    /** Why nobody does what the action asks for; empty if somebody does. */
    Optional<String> missing(Action action) {
        var policy = observed.policy().getMetadata().getName();
        return switch (action.then()) {
            case Retrain ->
                observed.trainings().isEmpty()
                        ? Optional.of("no TrainingJob in this namespace names " + policy
                                + " in spec.triggers.policies, so that nothing is trained")
                        : Optional.empty();
            case Rollback ->
                observed.service() == null
                        ? Optional.of("there is no InferenceService "
                                + observed.policy().getSpec().target().inferenceService() + " to roll back")
                        : Optional.empty();
            case Notify ->
                observed.policy().getSpec().receivers().isEmpty()
                        ? Optional.of("spec.notify names nobody who is told")
                        : Optional.empty();
            case null -> Optional.of("spec.actions asks for something that this version doesn't know");
        };
    }

    /** What came of a trigger, in words; empty while somebody still is to act. */
    Optional<String> answer(Action action, Trigger trigger) {
        return switch (action.then()) {
            case Retrain -> {
                var answering = observed.trainings().stream()
                        .filter(training -> isNoted(handled(training), action, trigger))
                        .toList();
                yield !answering.isEmpty()
                                && observed.trainings().stream()
                                        .allMatch(training -> answering.contains(training) || isSuspended(training))
                        ? Optional.of("answered by " + String.join(", ", runs(action, trigger)))
                        : Optional.empty();
            }
            case Rollback -> rolledBack(action, trigger);
            case Notify -> notifications.answer(action);
            case null -> Optional.empty();
        };
    }

    /** The runs that answer a trigger, those known before included. */
    List<String> runs(Action action, Trigger trigger) {
        var runs = new ArrayList<>(trigger.runs());
        for (var training : observed.trainings()) {
            var name = training.getMetadata().getName() + "/";
            if (action.then() == Action.Then.Retrain
                    && isNoted(handled(training), action, trigger)
                    && runs.stream().noneMatch(run -> run.startsWith(name))) {
                // Noted together with the run that starts; at the first look that is the active or the latest one.
                var status = training.getStatus();
                var number = status.activeRun() == null ? status.latestRun() : status.activeRun();
                if (number != null) {
                    runs.add(name + number);
                }
            }
        }
        return runs;
    }

    /** The run of that name, as long as its TrainingJob remembers it. */
    Optional<Run> run(String name) {
        var parts = name.split("/", 2);
        return observed.trainings().stream()
                .filter(training -> training.getMetadata().getName().equals(parts[0]))
                .flatMap(training -> statusOf(training).runs().stream())
                .filter(run -> String.valueOf(run.number()).equals(parts[1]))
                .findFirst();
    }

    private Optional<String> rolledBack(Action action, Trigger trigger) {
        if (observed.service() == null || observed.service().getStatus() == null) {
            return Optional.empty();
        }
        var status = observed.service().getStatus();
        var handled = status.handled() == null
                ? Map.<String, String>of()
                : status.handled().triggers();
        if (!isNoted(handled, action, trigger)) {
            return Optional.empty();
        }
        var service = observed.service().getMetadata().getName();
        return Optional.of(
                status.rejected().stream()
                                .anyMatch(rejection -> rejection.revision().equals(trigger.revision()))
                        ? "InferenceService " + service + " went back from revision " + trigger.revision()
                        : "InferenceService " + service + " didn't go back; its events say why");
    }

    private boolean isNoted(Map<String, String> handled, Action action, Trigger trigger) {
        var key = observed.policy().getMetadata().getName() + "/" + action.name();
        return trigger.id() != null && trigger.id().equals(handled.get(key));
    }

    private static Map<String, String> handled(TrainingJob training) {
        var handled = statusOf(training).handled();
        return handled == null ? Map.of() : handled.triggers();
    }

    private static TrainingJobStatus statusOf(TrainingJob training) {
        return training.getStatus() == null ? TrainingJobStatus.EMPTY : training.getStatus();
    }

    private static boolean isSuspended(TrainingJob training) {
        return Boolean.TRUE.equals(training.getSpec().suspend());
    }
}

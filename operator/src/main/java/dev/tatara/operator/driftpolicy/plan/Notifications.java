package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Then;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Trigger;
import dev.tatara.api.v1alpha1.driftpolicy.Receiver;
import dev.tatara.contracts.Notified;
import dev.tatara.contracts.Outcome;
import dev.tatara.operator.kubernetes.WakeUp;
import dev.tatara.operator.steps.AttemptLabels;
import dev.tatara.operator.steps.StepReader;
import dev.tatara.operator.steps.StepState.Ended;
import dev.tatara.operator.steps.StepState.Running;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells receivers of triggers: a Job for each, tried again a bounded number of times. A trigger is told of when it is in
 * the status and not before, so that an operator that ends in between tells nothing else afterwards.
 */
final class Notifications {
    private final Observed observed;
    private final PlanSettings settings;
    private final Instant now;
    private final List<ConfigMap> messages = new ArrayList<>();
    private final List<Job> start = new ArrayList<>();
    private final Map<String, List<Told>> told = new HashMap<>();
    private Instant wakeAt;

    /** What came of telling one receiver. */
    private sealed interface Told {
        record Taken(String receiver) implements Told {}

        record GivenUp(String receiver, String why) implements Told {}

        record Underway() implements Told {}
    }

    Notifications(Observed observed, PlanSettings settings, Instant now) {
        this.observed = observed;
        this.settings = settings;
        this.now = now;
        observed.policy().getSpec().actions().stream()
                .filter(action -> action.then() == Then.Notify)
                .map(action -> observed.trigger(action.name()))
                .flatMap(Optional::stream)
                .filter(trigger -> trigger.state() == Trigger.State.Pending && trigger.id() != null)
                .forEach(this::tell);
    }

    /** ConfigMaps to create. */
    List<ConfigMap> messages() {
        return List.copyOf(messages);
    }

    /** Jobs to create after that. */
    List<Job> start() {
        return List.copyOf(start);
    }

    /** When to look again, {@code null} if time alone changes nothing. */
    Instant wakeAt() {
        return wakeAt;
    }

    /** What came of it, once all receivers were told or given up. */
    Optional<String> answer(Action action) {
        var all = told.get(action.name());
        if (all == null || all.stream().anyMatch(Told.Underway.class::isInstance)) {
            return Optional.empty();
        }
        var taken = all.stream()
                .flatMap(one -> one instanceof Told.Taken(String receiver) ? Stream.of(receiver) : Stream.empty())
                .toList();
        var failed = all.stream()
                .flatMap(one -> one instanceof Told.GivenUp(String receiver, String why)
                        ? Stream.of(receiver + ": " + why)
                        : Stream.empty())
                .toList();
        var words = taken.isEmpty() ? "told nobody" : "told " + String.join(", ", taken);
        return Optional.of(failed.isEmpty() ? words : words + "; not told: " + String.join("; ", failed));
    }

    /** Jobs and ConfigMaps about triggers that others have replaced. */
    List<HasMetadata> obsolete() {
        return Stream.<HasMetadata>concat(observed.jobs().stream(), observed.maps().stream())
                .filter(object -> NotificationJob.triggerOf(object) != null)
                .filter(object -> observed.status().triggers().stream()
                        .noneMatch(trigger -> NotificationJob.isAbout(object, trigger)))
                .toList();
    }

    private void tell(Trigger trigger) {
        told.put(
                trigger.action(),
                observed.policy().getSpec().receivers().stream()
                        .map(receiver -> tell(trigger, receiver))
                        .toList());
    }

    private Told tell(Trigger trigger, Receiver receiver) {
        var latest = observed.jobs().stream()
                .filter(job -> NotificationJob.isAbout(job, trigger)
                        && receiver.name().equals(NotificationJob.receiverOf(job)))
                .max(Comparator.comparingInt(AttemptLabels::attemptOf));
        if (latest.isEmpty()) {
            return launch(trigger, receiver, 1);
        }
        var job = latest.get();
        return switch (StepReader.read(job, observed.pods(), NotificationJob.terms(settings), now)) {
            case Running<Notified> running -> {
                wakeAt = WakeUp.earlier(wakeAt, running.lookAgainAt(now));
                yield new Told.Underway();
            }
            case Ended<Notified> ended
            when ended.result().outcome() == Outcome.Succeeded -> new Told.Taken(receiver.name());
            case Ended<Notified> ended -> {
                var attempt = AttemptLabels.attemptOf(job);
                if (ended.result().outcome() == Outcome.Rejected
                        || attempt >= settings.notification().attempts()) {
                    yield new Told.GivenUp(
                            receiver.name(),
                            ended.result().reason() + ": " + ended.result().message());
                }
                var due = ended.at().plus(settings.notification().afterFailure().after(attempt));
                if (now.isBefore(due)) {
                    wakeAt = WakeUp.earlier(wakeAt, due);
                    yield new Told.Underway();
                }
                yield launch(trigger, receiver, attempt + 1);
            }
        };
    }

    private Told launch(Trigger trigger, Receiver receiver, int attempt) {
        var name = NotificationJob.messageName(observed, trigger);
        if (Stream.concat(observed.maps().stream(), messages.stream())
                .noneMatch(map -> map.getMetadata().getName().equals(name))) {
            messages.add(NotificationJob.message(observed, trigger));
        }
        start.add(NotificationJob.render(observed, trigger, receiver, attempt, settings));
        return new Told.Underway();
    }
}

package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import dev.tatara.api.v1alpha1.rollout.Rollout.Strategy;
import dev.tatara.operator.inferenceservice.rollout.Happening.Moment;
import dev.tatara.operator.inferenceservice.rollout.Happening.Order;
import dev.tatara.operator.inferenceservice.rollout.Happening.Promptness;
import dev.tatara.operator.inferenceservice.rollout.Happening.Whom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * As much around the machine of rollouts as it sees: pods that take a while to get ready, routers that acknowledge, a
 * status that keeps what is noted, people, and a clock. Whoever plays looks at the service when something happens and
 * when a timer goes off that the machine asked for, and at no other time.
 */
final class SimulatedRollout {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    /** More than all steps of a rollout have notes. */
    private static final int MOST_LOOKS = 40;

    private final RolloutRules rules = new RolloutRules();
    private final Map<String, PlayedPods> pods = new TreeMap<>();
    private final Map<String, String> annotations = new TreeMap<>();
    private final List<Rejection> rejections = new ArrayList<>();
    /** The latest first. */
    private final Deque<Outcome> history = new ArrayDeque<>();

    private Instant now = BEGIN;
    private long looks;
    private Strategy strategy;
    private Facts.Terms terms;
    private List<Stage> stages;
    private boolean isPaused;
    private int replicas = 3;
    private Facts.Target stable = version(1);
    private Facts.Target asked = stable;
    private Progress progress;
    private Handled handled = new Handled(null, null, null, null, Map.of());
    private final PlayedRouters routers = new PlayedRouters(Routing.to(stable.revision()));
    private Happening.ChecksFind checks = new Happening.ChecksFind(Verdict.Passed, Verdict.Passed);
    private Moment death;
    private Instant recheckAt;
    private Decision.Act latest;

    SimulatedRollout(Rollout rollout) {
        specify(rollout);
        group(stable).want(replicas, now);
        remember(Outcome.End.Promoted, stable);
        passes(PlayedPods.START_UP);
    }

    private static Facts.Target version(int number) {
        // The third serves the same file as the first.
        return new Facts.Target("r" + number, "churn-" + number, "sha256:" + (number == 3 ? 1 : number));
    }

    long looks() {
        return looks;
    }

    Duration age() {
        return Duration.between(BEGIN, now);
    }

    void happen(Happening happening) {
        switch (happening) {
            case Happening.TimePasses(Duration by) -> {
                passes(by);
                return;
            }
            case Happening.VersionIsAsked(int version) -> asked = version == 0 ? null : version(version);
            case Happening.RolloutIsEdited(Rollout edited) -> specify(edited);
            case Happening.RolloutIsPaused(boolean paused) -> isPaused = paused;
            case Happening.ServiceIsScaled(int count) -> replicas = count;
            case Happening.SomebodyOrders(Order order, Whom whom, Happening.Step step) ->
                annotations.put(order.name(), revision(whom) + (order == Order.Promote ? suffix(step) : ""));
            case Happening.AnnotationsGo() -> annotations.clear();
            case Happening.ChecksFind find -> checks = find;
            case Happening.PodsBreak(Whom whom, int left, boolean forGood) ->
                Optional.ofNullable(pods.get(revision(whom))).ifPresent(group -> group.lose(left, forGood, now));
            case Happening.PodsAreMended() -> pods.values().forEach(group -> group.mend(now));
            case Happening.RoutersAnswer(Promptness how) -> routers.answer(how, now);
            case Happening.StatusIsLost() -> {
                progress = null;
                handled = new Handled(null, null, null, null, Map.of());
                rejections.clear();
                history.clear();
                rules.forget();
            }
            case Happening.OperatorIsKilled(Moment when) -> death = when;
        }
        look();
    }

    /** From now on nothing stands in the way any more, and somebody lets everything pass. */
    void comesToRest() {
        isPaused = false;
        death = null;
        happen(new Happening.ChecksFind(Verdict.Passed, Verdict.Passed));
        happen(new Happening.PodsAreMended());
        happen(new Happening.RoutersAnswer(Promptness.AtOnce));
        for (int i = 0; i < 4; i++) {
            passes(Duration.ofMinutes(5));
            happen(new Happening.AnnotationsGo());
            happen(new Happening.SomebodyOrders(Order.Promote, Whom.Candidate, Happening.Step.Full));
        }
        passes(Duration.ofHours(1));
        var isRejected = isRejected(asked);
        rules.must(progress == null, "a rollout that everybody lets pass comes to an end");
        rules.must(
                asked == null || isRejected || asked.equals(stable),
                "what is asked for serves in the end, unless it was rejected");
        rules.must(
                routers.told().equals(Routing.to(stable.revision())) && pods.size() == 1,
                "one revision has all requests in the end, and nobody else has pods");
        rules.must(recheckAt == null, "a service at rest has no timer");
    }

    private void specify(Rollout edited) {
        strategy = Stages.strategyOf(edited);
        stages = Stages.of(edited);
        terms = new Facts.Terms(
                edited.onFailure(),
                duration(edited.stepTimeout(), Duration.ofMinutes(30)),
                duration(edited.progressDeadline(), Duration.ofMinutes(10)));
    }

    private String revision(Whom whom) {
        return switch (whom) {
            case Candidate -> progress == null ? "none" : progress.revision();
            case Stable -> stable.revision();
            case Rejected ->
                rejections.isEmpty() ? "none" : rejections.getFirst().revision();
            case Nobody -> "r9";
        };
    }

    private String suffix(Happening.Step step) {
        return switch (step) {
            case None -> "";
            case This -> "/" + (progress == null ? "none" : progress.stageName());
            case Last -> "/" + stages.getLast().name();
            case Unknown -> "/unknown";
            case Full -> "/full";
        };
    }

    private void passes(Duration by) {
        var end = now.plus(by);
        while (true) {
            settle();
            look();
            var next = earliest(recheckAt, routers.next());
            for (var group : pods.values()) {
                next = earliest(next, group.next());
            }
            if (next == null || next.isAfter(end)) {
                break;
            }
            rules.must(next.isAfter(now), "a timer lies ahead");
            now = next;
        }
        now = end;
        if (latest != null) {
            rules.unchanged(progress, latest, facts(routers.convergence(), null), checks.first() == null);
        }
    }

    private static Instant earliest(Instant one, Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }

    private void settle() {
        for (var group : pods.values()) {
            group.settle(now);
        }
        pods.values().removeIf(group -> group.isGone(now));
        routers.settle(now);
    }

    private void look() {
        for (int i = 0; i < MOST_LOOKS; i++) {
            looks++;
            var back = wayBack();
            if (back.isPresent()) {
                if (isBack(back.get())) {
                    continue;
                }
                return;
            }
            var facts = facts(null, null);
            var decision = RolloutMachine.next(progress, facts);
            if (decision instanceof Decision.Act act && act.progress() != null) {
                var convergence = routers.tell(act.routing(), now);
                rules.judgedWhenDue(progress, facts);
                facts = facts(
                        convergence,
                        RolloutMachine.isAnalysisDue(progress, facts) ? checks.in(stages.get(progress.stage())) : null);
                decision = RolloutMachine.next(progress, facts);
            }
            switch (decision) {
                case Decision.Note note -> {
                    if (!dies(Moment.BeforeItsNextNote)) {
                        rules.noted(progress, facts, routers.acknowledged(), note);
                        take(note);
                    }
                }
                case Decision.Act act -> {
                    rules.acted(progress, facts, routers.acknowledged(), act);
                    if (!dies(Moment.BeforeItActs) && carryOut(act)) {
                        return;
                    }
                }
            }
        }
        rules.must(false, "notes come to an end");
    }

    private boolean dies(Moment moment) {
        if (death != moment) {
            return false;
        }
        death = null;
        return true;
    }

    private void take(Decision.Note note) {
        if (progress != null
                && note.progress() == null
                && note.ended() == null
                && stable.revision().equals(progress.revision())) {
            remember(Outcome.End.Promoted, stable);
        }
        if (note.ended() != null) {
            history.addFirst(note.ended());
        }
        if (note.rejected() != null) {
            rejections.add(note.rejected());
        }
        rejections.removeIf(rejection -> rejection.revision().equals(note.lifted()));
        progress = note.progress();
        handled = note.handled();
    }

    /** Whether the service is as decided. */
    private boolean carryOut(Decision.Act act) {
        routers.tell(act.routing(), now);
        act.candidatePods().ifPresent(count -> group(asked).want(count, now));
        if (act.isPromoted()) {
            stable = asked;
            if (dies(Moment.AfterItsNextSelection)) {
                return false;
            }
            remember(Outcome.End.Promoted, stable);
            progress = null;
        }
        group(stable).want(replicas, now);
        retire();
        recheckAt = act.isPromoted() ? null : act.recheckAt();
        latest = act.isPromoted() ? null : act;
        // What is written wakes the service.
        return !act.isPromoted();
    }

    private void retire() {
        var candidate = progress == null ? null : progress.revision();
        pods.forEach((revision, group) -> {
            if (!revision.equals(stable.revision()) && !revision.equals(candidate)) {
                group.loseTraffic(now);
            }
        });
    }

    /** The revision that the service goes back to from one that was rejected after it was promoted. */
    private Optional<Facts.Target> wayBack() {
        return isRejected(stable) ? earlier() : Optional.empty();
    }

    private Optional<Facts.Target> earlier() {
        return history.stream()
                .filter(outcome -> outcome.outcome() == Outcome.End.Promoted)
                .map(outcome -> new Facts.Target(outcome.revision(), outcome.modelVersion(), outcome.digest()))
                .filter(target -> !target.equals(stable) && !isRejected(target))
                .findFirst();
    }

    private boolean isBack(Facts.Target back) {
        latest = null;
        recheckAt = null;
        if (progress != null) {
            remember(Outcome.End.Aborted, new Facts.Target(progress.revision(), null, null));
            progress = null;
            return true;
        }
        rules.forget();
        group(back).want(replicas, now);
        if (group(back).ready() < replicas) {
            routers.tell(Routing.to(stable.revision()), now);
            return false;
        }
        stable = back;
        remember(Outcome.End.Promoted, back);
        retire();
        return true;
    }

    private PlayedPods group(Facts.Target target) {
        return pods.computeIfAbsent(target.revision(), revision -> new PlayedPods(now));
    }

    private void remember(Outcome.End end, Facts.Target target) {
        history.addFirst(new Outcome(target.revision(), target.modelVersion(), target.digest(), now, end, null));
        while (history.size() > 10) {
            history.removeLast();
        }
    }

    private boolean isRejected(Facts.Target target) {
        return target != null
                && rejections.stream()
                        .anyMatch(rejection -> rejection.revision().equals(target.revision())
                                || (Boolean.TRUE.equals(rejection.quarantine())
                                        && target.digest().equals(rejection.digest())));
    }

    private Facts facts(Convergence convergence, List<CheckResult> results) {
        var isRejected = isRejected(asked);
        var wanted = isRejected ? null : asked;
        return new Facts(
                stable,
                asked,
                asked == null ? "there is none" : null,
                isRejected,
                progress == null
                        ? null
                        : version(Integer.parseInt(progress.revision().substring(1))),
                strategy,
                stages,
                terms,
                isPaused,
                replicas,
                wanted == null ? Facts.Pods.NONE : podsOf(wanted.revision()),
                others(wanted),
                earlier().isPresent(),
                new Facts.Commands(
                        annotations.get(Order.Promote.name()),
                        annotations.get(Order.Abort.name()),
                        annotations.get(Order.Retry.name()),
                        annotations.get(Order.Rollback.name())),
                handled,
                rejections,
                convergence,
                results,
                now);
    }

    private static Duration duration(TimeSpan span, Duration otherwise) {
        return span == null ? otherwise : span.toDuration();
    }

    private Facts.Pods podsOf(String revision) {
        var group = pods.get(revision);
        return group == null ? Facts.Pods.NONE : group.facts();
    }

    private List<Routing.Share> others(Facts.Target wanted) {
        return pods.keySet().stream()
                .filter(revision ->
                        !revision.equals(stable.revision()) && (wanted == null || !revision.equals(wanted.revision())))
                .map(revision -> new Routing.Share(revision, 0, !isLastPromoted(revision)))
                .toList();
    }

    private boolean isLastPromoted(String revision) {
        return history.stream()
                .filter(outcome -> outcome.revision().equals(revision))
                .findFirst()
                .filter(outcome -> outcome.outcome() == Outcome.End.Promoted)
                .isPresent();
    }
}

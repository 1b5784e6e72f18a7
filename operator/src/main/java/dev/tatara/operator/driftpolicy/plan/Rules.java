package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Approval;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Breach;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Then;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** A policy's specification, with what holds where it says nothing. */
final class Rules {
    private static final Duration EVERY = Duration.ofHours(1);
    private static final Duration COOLDOWN = Duration.ofHours(24);
    private static final Duration WITHIN = Duration.ofHours(24);
    private static final Duration LONGEST_COOLDOWN = Duration.ofDays(30);
    private static final int CONSECUTIVE_BREACHES = 3;
    /** Kinds of breaches that hold from one moment to the next; the others are judged by evaluations. */
    private static final Set<Breach> AT_ONCE = Set.of(Breach.Alert, Breach.NewRows);

    private final DriftPolicySpec spec;

    Rules(DriftPolicySpec spec) {
        this.spec = spec;
    }

    /** The kinds of breaches that the policy looks for. */
    Set<Breach> watched() {
        var watched = EnumSet.noneOf(Breach.class);
        if (spec.data() != null) {
            watched.add(Breach.DataDrift);
            if (spec.data().quality() != null) {
                watched.add(Breach.DataQuality);
            }
        }
        if (spec.prediction() != null) {
            watched.add(Breach.PredictionDrift);
        }
        if (!spec.performance().isEmpty()) {
            watched.add(Breach.Performance);
        }
        if (spec.service() != null) {
            watched.add(Breach.ServiceLevel);
        }
        if (spec.alerts() != null) {
            watched.add(Breach.Alert);
        }
        if (spec.newRows() != null) {
            watched.add(Breach.NewRows);
        }
        return watched;
    }

    /** Whether there is anything that takes an evaluation. */
    boolean isEvaluated() {
        return watched().stream().anyMatch(Rules::isJudgedByEvaluations);
    }

    static boolean isJudgedByEvaluations(Breach breach) {
        return !AT_ONCE.contains(breach);
    }

    /** Time between two evaluations. */
    Duration every() {
        return spec.window() == null ? EVERY : or(spec.window().every(), EVERY);
    }

    /** Evaluations in a row that must breach before the action is taken. */
    int consecutiveBreaches(Action action) {
        return action.consecutiveBreaches() == null ? consecutiveBreaches() : action.consecutiveBreaches();
    }

    /** Evaluations in a row that must breach before the first action that reacts to this kind is taken. */
    int consecutiveBreaches(Breach breach) {
        return spec.actions().stream()
                .filter(action -> action.when().contains(breach))
                .mapToInt(this::consecutiveBreaches)
                .min()
                .orElse(consecutiveBreaches());
    }

    private int consecutiveBreaches() {
        return spec.consecutiveBreaches() == null ? CONSECUTIVE_BREACHES : spec.consecutiveBreaches();
    }

    /**
     * Time in which an action isn't asked for again. At least as long as it takes to the next evaluation: what was seen
     * once is acted upon once.
     *
     * @param ineffective how often in a row it didn't help
     */
    Duration cooldown(Action action, int ineffective) {
        var wanted = or(action.cooldown(), or(spec.cooldown(), COOLDOWN));
        var cooldown = wanted.compareTo(every()) < 0 ? every() : wanted;
        var longest = cooldown.compareTo(LONGEST_COOLDOWN) > 0 ? cooldown : LONGEST_COOLDOWN;
        for (int i = 0; i < ineffective && cooldown.compareTo(longest) < 0; i++) {
            cooldown = cooldown.multipliedBy(2);
        }
        return cooldown.compareTo(longest) > 0 ? longest : cooldown;
    }

    /** How long after a promotion the action is taken. */
    Duration within(Action action) {
        return or(action.within(), WITHIN);
    }

    /** Whether a person has to agree. */
    boolean needsApproval(Action action, Collection<Breach> breaches) {
        if (action.approval() != null) {
            return action.approval() == Approval.Manual;
        }
        return action.then() == Then.Retrain && !Set.of(Breach.NewRows).containsAll(breaches);
    }

    private static Duration or(TimeSpan span, Duration otherwise) {
        return span == null ? otherwise : span.toDuration();
    }
}

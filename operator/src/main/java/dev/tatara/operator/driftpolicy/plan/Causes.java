package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.Action;
import dev.tatara.api.v1alpha1.driftpolicy.Action.Breach;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Alert;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Cause;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.NewRowsStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Verdict;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.operator.driftpolicy.plan.EvaluationLook.Concluded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How each kind of breach stands. Evaluations are counted: those that breached in a row and those that didn't; one with
 * too little data, or that couldn't judge a kind, neither counts nor interrupts. A new revision of the service is
 * counted from the start. Alerts and new rows hold at once.
 */
final class Causes {
    private static final int NAMED_ALERTS = 3;
    private static final int MOST = 1_000_000;

    private final Observed observed;
    private final Rules rules;
    private final Instant now;
    private final List<Cause> all;

    private Causes(Observed observed, Concluded concluded, NewRowsStatus rows, Instant now) {
        this.observed = observed;
        this.rules = new Rules(observed.policy().getSpec());
        this.now = now;
        this.all = new ArrayList<>();
        for (var breach : rules.watched()) {
            switch (breach) {
                case Alert -> all.add(alert());
                case NewRows -> all.add(newRows(rows));
                case DataDrift, DataQuality, PredictionDrift, Performance, ServiceLevel ->
                    evaluated(breach, concluded).ifPresent(all::add);
            }
        }
    }

    /**
     * The causes as they stand now.
     *
     * @param concluded what was found out just now, {@code null} if nothing was
     * @param rows new rows, {@code null} where none are counted
     */
    static Causes of(Observed observed, Concluded concluded, NewRowsStatus rows, Instant now) {
        return new Causes(observed, concluded, rows, now);
    }

    List<Cause> all() {
        return List.copyOf(all);
    }

    /** Kinds that an action reacts to and that are breached for as long as it asks for. */
    List<Cause> due(Action action) {
        return all.stream()
                .filter(cause -> action.when().contains(cause.breach()))
                .filter(cause -> cause.verdict() == Verdict.Breached)
                .filter(cause -> !Rules.isJudgedByEvaluations(cause.breach())
                        || cause.breached() >= rules.consecutiveBreaches(action))
                .toList();
    }

    /** Whether none of these kinds is breached any more, and hasn't been for as long as it took the action. */
    boolean areOver(List<Breach> breaches, Action action) {
        return breaches.stream().allMatch(breach -> find(breach)
                .map(cause -> isOver(cause, rules.consecutiveBreaches(action)))
                .orElse(!rules.watched().contains(breach)));
    }

    Optional<Cause> find(Breach breach) {
        return all.stream().filter(cause -> cause.breach() == breach).findFirst();
    }

    private static boolean isOver(Cause cause, int needed) {
        return isGood(cause.verdict()) && (!Rules.isJudgedByEvaluations(cause.breach()) || cause.passed() >= needed);
    }

    static boolean isGood(Verdict verdict) {
        return verdict == Verdict.Good || verdict == Verdict.Warning;
    }

    private Optional<Cause> evaluated(Breach breach, Concluded concluded) {
        var before = before(breach);
        if (concluded == null) {
            return before;
        }
        var found = concluded.result().verdicts().stream()
                .filter(verdict -> verdict.breach().name().equals(breach.name()))
                .findFirst();
        if (found.isEmpty() || !isAboutWhatServes(concluded)) {
            return before;
        }
        var known = isOfTheSameRevision(concluded) ? before : Optional.<Cause>empty();
        return Optional.of(counted(breach, found.get(), known, concluded.run().at()));
    }

    private static Cause counted(Breach breach, DriftEvaluated.Verdict found, Optional<Cause> known, Instant at) {
        var verdict = Verdict.valueOf(found.verdict().name());
        var breached = known.map(Cause::breached).orElse(0);
        var passed = known.map(Cause::passed).orElse(0);
        var since = known.map(Cause::since).orElse(null);
        return switch (verdict) {
            case Good, Warning ->
                new Cause(breach, verdict, 0, Math.min(passed + 1, MOST), passed > 0 ? since : at, found.reason());
            case Breached ->
                new Cause(breach, verdict, Math.min(breached + 1, MOST), 0, breached > 0 ? since : at, found.reason());
            case InsufficientData, Error -> new Cause(breach, verdict, breached, passed, since, found.reason());
        };
    }

    private Cause alert() {
        var firing = firing();
        var count = observed.status().alertsCount() == null
                ? firing.size()
                : Math.max(firing.size(), observed.status().alertsCount());
        if (count == 0) {
            return atOnce(Breach.Alert, Verdict.Good, "no alert is firing", null);
        }
        var names = firing.stream()
                .map(Alert::alertname)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .toList();
        var first = firing.stream()
                .map(Alert::startsAt)
                .filter(Objects::nonNull)
                .min(Instant::compareTo)
                .orElse(null);
        return atOnce(
                Breach.Alert,
                Verdict.Breached,
                (count == 1 ? "an alert is firing" : count + " alerts are firing")
                        + (names.isEmpty()
                                ? ""
                                : names.stream().limit(NAMED_ALERTS).collect(Collectors.joining(", ", ": ", "")))
                        + (names.size() > NAMED_ALERTS ? ", …" : ""),
                first);
    }

    private List<Alert> firing() {
        return observed.status().alerts().stream().filter(Alert::fires).toList();
    }

    private Cause newRows(NewRowsStatus counted) {
        var wanted = observed.policy().getSpec().newRows();
        if (observed.view() == null) {
            return atOnce(
                    Breach.NewRows,
                    Verdict.Error,
                    "FeatureView " + wanted.featureView() + " doesn't exist in this namespace; apply it, or name"
                            + " another one in spec.newRows",
                    null);
        }
        if (counted.rows() == null) {
            return atOnce(
                    Breach.NewRows,
                    Verdict.InsufficientData,
                    "FeatureView " + wanted.featureView() + " hasn't been materialized yet",
                    null);
        }
        return atOnce(
                Breach.NewRows,
                counted.rows() >= wanted.atLeast() ? Verdict.Breached : Verdict.Good,
                String.format(
                        Locale.ROOT,
                        "%,d new rows in FeatureView %s, of at least %,d",
                        counted.rows(),
                        wanted.featureView(),
                        wanted.atLeast()),
                null);
    }

    /**
     * A kind that holds from one moment to the next.
     *
     * @param began since when, {@code null}: since it is seen
     */
    private Cause atOnce(Breach breach, Verdict verdict, String reason, Instant began) {
        var isBreached = verdict == Verdict.Breached;
        var since = before(breach)
                .filter(cause -> (cause.verdict() == Verdict.Breached) == isBreached)
                .map(Cause::since)
                .orElse(began == null ? now : began);
        return new Cause(breach, verdict, isBreached ? 1 : 0, Causes.isGood(verdict) ? 1 : 0, since, reason);
    }

    private Optional<Cause> before(Breach breach) {
        return observed.status().causes().stream()
                .filter(cause -> cause.breach() == breach)
                .filter(cause -> cause.breached() != null && cause.passed() != null)
                .findFirst();
    }

    /** What is found out of a revision that has gone meanwhile says nothing of the one that serves. */
    private boolean isAboutWhatServes(Concluded concluded) {
        return observed.stable()
                .filter(stable -> stable.revision().equals(concluded.run().revision()))
                .isPresent();
    }

    private boolean isOfTheSameRevision(Concluded concluded) {
        var last = observed.status().lastEvaluation();
        return last != null && Objects.equals(last.revision(), concluded.run().revision());
    }
}

package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobSpec;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.Best;
import dev.tatara.api.v1alpha1.trainingjob.TrainingJobStatus.SweepStatus;
import dev.tatara.contracts.Published;
import dev.tatara.operator.steps.StepState.Ended;
import dev.tatara.operator.steps.StepState.Running;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.State;
import dev.tatara.operator.trainingjob.train.TrainerReader;
import dev.tatara.operator.trainingjob.train.Trial;
import dev.tatara.statistics.search.Goal;
import dev.tatara.statistics.search.MedianStop;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Decides about a sweep. A trial is written into the ledger, with its hyperparameters, before its Job is made, and its
 * end before its Job is deleted: whoever goes on after an operator that was killed finds either the Job or the entry and
 * does the same.
 */
public final class SweepPlanner {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration LOOK_AT_CURVES = Duration.ofSeconds(15);

    private final SweepState known;
    private final Sweep sweep;
    private final SearchSpace space;
    private final Instant now;
    private final SortedMap<Integer, TrialEntry> entries = new TreeMap<>();
    private final List<Instant> wakeAt = new ArrayList<>();
    private Ledger.Winner winner;
    private Running<Published> heldUp;
    private SweepEnd end;

    private SweepPlanner(SweepState known, Instant now) {
        this.known = known;
        this.sweep = known.spec().sweep();
        this.space = new SearchSpace(sweep, known.seed());
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
        this.winner = known.ledger().winner();
        known.ledger().trials().forEach(entry -> entries.put(entry.number(), entry));
    }

    /** What is to be done now. */
    public static SweepDecision plan(SweepState known, Instant now) {
        return new SweepPlanner(known, now).plan();
    }

    private SweepDecision plan() {
        if (known.ledger().isDamaged()) {
            end = new SweepEnd.Failed(
                    "LedgerDamaged",
                    "the ConfigMap that remembers the trials was changed by somebody, so nobody knows what was tried;"
                            + " start another run");
        } else {
            adopt();
            known.attempts().forEach(this::follow);
            if (end == null) {
                end = TooManyFailures.in(entries.values(), sweep).orElse(null);
            }
            if (end == null) {
                startTrials();
                finish();
            }
        }
        var due = end == null ? due() : List.<TrialStart>of();
        var ledger = new Ledger(List.copyOf(entries.values()), winner).bounded();
        return new SweepDecision(
                ledger.equals(known.ledger()) || known.ledger().isDamaged() ? null : ledger,
                due,
                obsolete(),
                status(),
                end,
                heldUp == null ? TrainerReader.TRAINING : heldUp.reason(),
                message(),
                heldUp != null,
                wakeAt.stream().min(Comparator.naturalOrder()).orElse(null));
    }

    /** Jobs that the ledger doesn't know: somebody deleted it. What still runs is at least not run twice. */
    private void adopt() {
        for (var attempt : known.attempts()) {
            if (!entries.containsKey(attempt.trial()) && attempt.parameters() != null) {
                entries.put(
                        attempt.trial(), TrialEntry.starting(attempt.trial(), attempt.parameters(), attempt.attempt()));
            }
        }
    }

    private void follow(TrialAttempt attempt) {
        var entry = entries.get(attempt.trial());
        if (entry == null || !entry.isRunning() || entry.attempt() != attempt.attempt()) {
            return;
        }
        switch (attempt.state().step()) {
            case Running<Published> running -> entries.put(attempt.trial(), judged(entry, attempt, running));
            case Ended<Published> ended -> conclude(entry, attempt, ended);
        }
    }

    /** A trial that runs, or is stopped since it promises nothing. */
    private TrialEntry judged(TrialEntry entry, TrialAttempt attempt, Running<Published> running) {
        if (running.isHeldUp() && heldUp == null) {
            heldUp = running;
        }
        if (running.lookAgain()) {
            wakeAt.add(now.plus(LOOK_AGAIN));
        }
        if (!SweepState.medianStop(known.spec())) {
            return entry;
        }
        wakeAt.add(now.plus(LOOK_AT_CURVES));
        var log = attempt.log();
        // Where lines are missing, nobody knows how far it is.
        if (log == null || !log.isWhole()) {
            return entry;
        }
        var reports = log.reports();
        var finished = entries.values().stream()
                .filter(other -> other.state() == State.Completed)
                .map(other -> Averages.upTo(other.end().averages(), reports.size()))
                .toList();
        return medianStop()
                .judge(reports, finished)
                .map(reason -> entry.ended(
                        State.Stopped,
                        new TrialEntry.End(
                                reason.best(),
                                "MedianStop",
                                "after " + reason.step() + " reports its best was " + reason.best()
                                        + ", worse than the median of the others, " + reason.median(),
                                List.of())))
                .orElse(entry);
    }

    private MedianStop medianStop() {
        var asked = sweep.earlyStopping().medianStop();
        return new MedianStop(
                space.goal(),
                asked.minTrials() == null ? MedianStop.DEFAULT_MIN_TRIALS : asked.minTrials(),
                asked.startStep() == null ? MedianStop.DEFAULT_START_STEP : asked.startStep());
    }

    private void conclude(TrialEntry entry, TrialAttempt attempt, Ended<Published> ended) {
        switch (TrialVerdict.of(known.spec(), entry, attempt, ended, now)) {
            case TrialVerdict.Unknown() -> wakeAt.add(now.plus(LOOK_AGAIN));
            case TrialVerdict.Final(TrialEntry concluded) -> {
                entries.put(entry.number(), concluded);
                if (concluded.state() == State.Completed && isBest(concluded)) {
                    winner = new Ledger.Winner(
                            entry.number(),
                            ended.result().details(),
                            attempt.state().imageId());
                }
            }
            case TrialVerdict.Hopeless(TrialEntry concluded, SweepEnd.Failed failed) -> {
                entries.put(entry.number(), concluded);
                end = failed;
            }
        }
    }

    private boolean isBest(TrialEntry entry) {
        return best().filter(best -> best.number() == entry.number()).isPresent();
    }

    /** Of equally good ones the first. */
    private Optional<TrialEntry> best() {
        var byValue =
                Comparator.comparingDouble((TrialEntry entry) -> entry.end().value());
        return entries.values().stream()
                .filter(entry -> entry.state() == State.Completed)
                .min((space.goal() == Goal.Minimize ? byValue : byValue.reversed())
                        .thenComparingInt(TrialEntry::number));
    }

    /** Fills what is free. A Job that was stopped takes its place until it is gone. */
    private void startTrials() {
        int parallel = sweep.parallel() == null ? 1 : sweep.parallel();
        long leaving = known.attempts().stream()
                .filter(attempt -> !isNeeded(attempt) && attempt.state().step() instanceof Running<?>)
                .count();
        for (long free = parallel - running() - leaving; free > 0 && entries.size() < space.trials(); free--) {
            int number = nextNumber();
            entries.put(number, TrialEntry.starting(number, space.propose(number, finished()), 1));
        }
    }

    private int nextNumber() {
        int number = 1;
        while (entries.containsKey(number)) {
            number++;
        }
        return number;
    }

    /** What the search learns from: what was measured, and what diverged; a failure says nothing of parameters. */
    private List<dev.tatara.statistics.search.Trial> finished() {
        return entries.values().stream()
                .filter(entry -> entry.parameters() != null
                        && (entry.state() == State.Completed
                                || entry.state() == State.Stopped
                                || entry.state() == State.Diverged))
                .map(entry -> new dev.tatara.statistics.search.Trial(
                        entry.number() - 1,
                        space.values(entry.parameters()),
                        entry.end().value()))
                .toList();
    }

    private void finish() {
        if (running() > 0) {
            return;
        }
        end = best().<SweepEnd>map(best -> new SweepEnd.Best(
                        best.number(), best.parameters(), best.end().value(), winner.published(), winner.imageId()))
                .orElseGet(() -> TooManyFailures.all(entries.values(), sweep));
    }

    private List<TrialStart> due() {
        List<TrialStart> due = new ArrayList<>();
        for (var entry : entries.values()) {
            var hasJob = known.attempts().stream().anyMatch(attempt -> isOf(entry, attempt));
            if (!entry.isRunning() || hasJob) {
                continue;
            }
            if (entry.notBefore() == null || !now.isBefore(entry.notBefore())) {
                due.add(new TrialStart(
                        new Trial(entry.number(), entry.parameters()),
                        entry.attempt(),
                        TrainerReader.RESULT_LOST.equals(entry.end().reason())));
            } else {
                wakeAt.add(entry.notBefore());
            }
        }
        return due;
    }

    private List<Job> obsolete() {
        return known.attempts().stream()
                .filter(attempt -> end != null || !isNeeded(attempt))
                .map(TrialAttempt::job)
                .toList();
    }

    private boolean isNeeded(TrialAttempt attempt) {
        var entry = entries.get(attempt.trial());
        return entry != null && entry.isRunning() && isOf(entry, attempt);
    }

    private static boolean isOf(TrialEntry entry, TrialAttempt attempt) {
        return entry.number() == attempt.trial() && entry.attempt() == attempt.attempt();
    }

    private long running() {
        return count(State.Running);
    }

    private long count(State... states) {
        return entries.values().stream()
                .filter(entry -> Stream.of(states).anyMatch(state -> entry.state() == state))
                .count();
    }

    private SweepStatus status() {
        return new SweepStatus(
                (int) count(State.Completed, State.Stopped),
                (int) (end == null ? running() : 0),
                (int) count(State.Failed, State.Diverged),
                best().map(best -> new Best(
                                best.number(), best.parameters(), best.end().value()))
                        .orElse(null));
    }

    private String message() {
        var text = new StringBuilder()
                .append(entries.size() - running())
                .append(" of ")
                .append(space.trials())
                .append(" trials ended");
        if (end == null && running() > 0) {
            text.append(", ").append(running()).append(" under way");
        }
        best().ifPresent(best -> text.append("; best ")
                .append(sweep.objective().metric())
                .append(" is ")
                .append(best.end().value())
                .append(" (trial ")
                .append(best.number())
                .append(')'));
        if (end instanceof SweepEnd.Failed failed) {
            text.append("; ").append(failed.message());
        } else if (heldUp != null) {
            text.append("; ").append(heldUp.message());
        } else {
            retrying().ifPresent(entry -> text.append("; trial ")
                    .append(entry.number())
                    .append(" is tried again: ")
                    .append(entry.end().message()));
        }
        return text.toString();
    }

    private Optional<TrialEntry> retrying() {
        return entries.values().stream()
                .filter(entry -> entry.isRunning() && entry.notBefore() != null && now.isBefore(entry.notBefore()))
                .filter(entry -> Objects.nonNull(entry.end().message()))
                .findFirst();
    }

    static int retries(TrainingJobSpec spec) {
        return spec.retries() == null ? 3 : spec.retries();
    }

    static Duration retryDelay(TrainingJobSpec spec) {
        return spec.retryDelay() == null
                ? Duration.ofMinutes(5)
                : spec.retryDelay().toDuration();
    }
}

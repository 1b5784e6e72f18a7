package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.api.v1alpha1.trainingjob.Sweep;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.State;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * When a sweep is given up: as long as no trial ended well, after as many failures as run at a time, three at least;
 * after that, when more than a third of all trials failed. Trials that diverged were measured, and guide the search.
 */
final class TooManyFailures {
    private static final int AT_LEAST = 3;
    private static final int SHARE = 3;

    private TooManyFailures() {}

    static Optional<SweepEnd> in(Collection<TrialEntry> entries, Sweep sweep) {
        var failed = count(entries, State.Failed);
        var parallel = sweep.parallel() == null ? 1 : sweep.parallel();
        var isAnyGood = entries.stream().anyMatch(entry -> entry.state() != State.Failed && !entry.isRunning());
        var bound = isAnyGood ? Math.max(AT_LEAST, sweep.trials() / SHARE + 1) : Math.max(AT_LEAST, parallel);
        return failed < bound ? Optional.empty() : Optional.of(all(entries, sweep));
    }

    /** Why no trial is good enough to go on with. */
    static SweepEnd.Failed all(Collection<TrialEntry> entries, Sweep sweep) {
        var text = new StringBuilder()
                .append(count(entries, State.Failed))
                .append(" of ")
                .append(entries.size())
                .append(" trials failed");
        var diverged = count(entries, State.Diverged);
        if (diverged > 0) {
            text.append(", and in ")
                    .append(diverged)
                    .append(' ')
                    .append(sweep.objective().metric())
                    .append(" was no number");
        }
        entries.stream()
                .filter(entry -> entry.end().message() != null && !entry.isRunning())
                .max(Comparator.comparingInt(TrialEntry::number))
                .ifPresent(last -> text.append("; the last, trial ")
                        .append(last.number())
                        .append(": ")
                        .append(last.end().reason())
                        .append(": ")
                        .append(last.end().message()));
        return new SweepEnd.Failed("TrialsFailed", text.toString());
    }

    private static long count(Collection<TrialEntry> entries, State state) {
        return entries.stream().filter(entry -> entry.state() == state).count();
    }
}

package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.contracts.Published;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What a sweep remembers: its trials by number, and what the best one published.
 *
 * @param trials in the order of their numbers
 * @param winner {@code null} while no trial ended well
 * @param isDamaged whether somebody made something else of it, so that nobody knows what was tried
 */
public record Ledger(List<TrialEntry> trials, Winner winner, boolean isDamaged) {
    /** Nothing yet. */
    public static final Ledger EMPTY = new Ledger(List.of(), null);

    static final Ledger DAMAGED = new Ledger(List.of(), null, true);

    /** Trials whose course is kept, for others to be compared with: the latest. */
    private static final int MAX_AVERAGES = 200;
    /** Trials whose end is kept in words: the latest. */
    private static final int MAX_MESSAGES = 20;

    public Ledger {
        trials = trials.stream()
                .sorted(Comparator.comparingInt(TrialEntry::number))
                .toList();
    }

    Ledger(List<TrialEntry> trials, Winner winner) {
        this(trials, winner, false);
    }

    /**
     * What the best trial published.
     *
     * @param trial its number
     * @param imageId its trainer's image; {@code null} where it isn't known
     */
    public record Winner(int trial, Published published, String imageId) {}

    /** The same without what only matters of the latest trials. */
    Ledger bounded() {
        var words = without(trials, entry -> entry.end().message() != null, MAX_MESSAGES, TrialEntry::withoutMessage);
        return new Ledger(
                without(words, entry -> !entry.end().averages().isEmpty(), MAX_AVERAGES, TrialEntry::withoutAverages),
                winner);
    }

    /** The same with the hyperparameters of so many of the latest trials, of those that run and of the best. */
    Ledger withParametersOf(int latest) {
        return new Ledger(
                without(
                        trials,
                        entry -> entry.parameters() != null
                                && !entry.isRunning()
                                && (winner == null || winner.trial() != entry.number()),
                        latest,
                        TrialEntry::withoutParameters),
                winner);
    }

    /** Changes all but the last of those entries that the condition is true of. */
    private static List<TrialEntry> without(
            List<TrialEntry> entries, Predicate<TrialEntry> condition, int last, UnaryOperator<TrialEntry> change) {
        var excess = entries.stream().filter(condition).count() - last;
        List<TrialEntry> result = new ArrayList<>(entries.size());
        for (var entry : entries) {
            if (excess > 0 && condition.test(entry)) {
                result.add(change.apply(entry));
                excess--;
            } else {
                result.add(entry);
            }
        }
        return result;
    }
}

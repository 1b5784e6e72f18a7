package dev.tatara.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code experiment} found out about two revisions. Numbers are finite or absent.
 *
 * @param window which predictions were looked at
 * @param metric name of the figure
 * @param stable the side that served before
 * @param candidate the side that may take over
 * @param difference the candidate's mean less stable's
 * @param lift the same as a share of stable's mean; {@code null} also where that is 0
 * @param low end of the interval for the true difference; {@code null} where too little is known
 * @param high its other end
 * @param confidence of the interval, 0 to 1: it covers the true difference at all looks together, if the experiment is
 *     sequential
 * @param pValue that there is no difference, 0 to 1
 * @param sequential whether it may be looked at at any time
 * @param verdict how far it is
 * @param recommendation what to do, for people
 * @param requests predictions of both sides
 * @param anonymous of these, that don't say who asked and don't count
 * @param figures that came by feedback
 * @param unmatched of these, that belong to no prediction that counts
 * @param both people whom both sides answered; they count for the first
 * @param ratioPValue that people came to the sides as they were sent, 0 to 1
 * @param damaged files that can't be read and don't count
 * @param notes what else there is to say, for people
 * @param report address of the report for people, HTML
 * @param truncated whether something was left out so that the result fits a termination message
 */
public record ExperimentEvaluated(
        Window window,
        String metric,
        Side stable,
        Side candidate,
        Double difference,
        Double lift,
        Double low,
        Double high,
        double confidence,
        Double pValue,
        boolean sequential,
        Verdict verdict,
        String recommendation,
        long requests,
        long anonymous,
        long figures,
        long unmatched,
        long both,
        Double ratioPValue,
        int damaged,
        List<String> notes,
        String report,
        boolean truncated) {
    /** Characters of a recommendation or a note. */
    public static final int LONGEST_TEXT = 300;

    public ExperimentEvaluated {
        Objects.requireNonNull(window, "window");
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(stable, "stable");
        Objects.requireNonNull(candidate, "candidate");
        Objects.requireNonNull(verdict, "verdict");
        difference = finite(difference);
        lift = finite(lift);
        low = finite(low);
        high = finite(high);
        pValue = finite(pValue);
        ratioPValue = finite(ratioPValue);
        recommendation = cut(recommendation == null ? "" : recommendation);
        notes = notes == null
                ? List.of()
                : notes.stream().map(ExperimentEvaluated::cut).toList();
    }

    /**
     * Which predictions were looked at.
     *
     * @param start begin of the experiment
     * @param end of what is known
     */
    public record Window(Instant start, Instant end) {}

    /** How far an experiment is. */
    public enum Verdict {
        /** It goes on. */
        Undecided,
        CandidateWins,
        StableWins,
        /** It is at its end, and there is no difference to tell. */
        NoWinner,
        /** People didn't come to the sides as they were sent: what was counted can't be compared. */
        Untrusted
    }

    /**
     * One side.
     *
     * @param revision its name
     * @param people who were answered
     * @param planned people that it takes
     * @param mean of what people did: the share that succeeded, or the mean of the figure
     * @param standardDeviation of the same between people
     */
    public record Side(String revision, long people, long planned, Double mean, Double standardDeviation) {
        public Side {
            Objects.requireNonNull(revision, "revision");
            mean = finite(mean);
            standardDeviation = finite(standardDeviation);
        }
    }

    /**
     * The same in fewer bytes: without notes.
     *
     * @return nothing where only what is always needed is left
     */
    public Optional<ExperimentEvaluated> shorter() {
        return notes.isEmpty()
                ? Optional.empty()
                : Optional.of(new ExperimentEvaluated(
                        window,
                        metric,
                        stable,
                        candidate,
                        difference,
                        lift,
                        low,
                        high,
                        confidence,
                        pValue,
                        sequential,
                        verdict,
                        recommendation,
                        requests,
                        anonymous,
                        figures,
                        unmatched,
                        both,
                        ratioPValue,
                        damaged,
                        List.of(),
                        report,
                        true));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT - 1) + "…";
    }

    private static Double finite(Double number) {
        return number == null || !Double.isFinite(number) ? null : number;
    }
}

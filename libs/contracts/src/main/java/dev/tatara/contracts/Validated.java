package dev.tatara.contracts;

import dev.tatara.contracts.CheckVerdict.Verdict;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code validate} found out about the rows that a run would be trained on.
 *
 * @param rows rows that were looked at: those of the window, up to the end
 * @param checks verdicts in the order of the specification, at most 128
 * @param checksTruncated whether verdicts were left out so that the result fits a termination message; those that failed
 *     are left out last
 * @param report the report for people, HTML; {@code null} where there were no rows to report on
 * @param mlflowRunId the run that was begun in MLflow; {@code null} where none is wanted, or where the server couldn't be
 *     reached
 * @param mlflowExperimentId the experiment that it belongs to; {@code null} together with the run
 */
public record Validated(
        long rows,
        List<CheckVerdict> checks,
        boolean checksTruncated,
        Report report,
        String mlflowRunId,
        String mlflowExperimentId) {
    public Validated {
        checks = checks == null ? List.of() : List.copyOf(checks);
    }

    /**
     * The report.
     *
     * @param uri where it lies
     * @param sha256 its digest, 64 lower-case hexadecimal digits
     */
    public record Report(String uri, String sha256) {
        public Report {
            Objects.requireNonNull(uri, "uri");
        }
    }

    /**
     * The same in fewer bytes: first with only the verdicts that aren't good, then with half of them.
     *
     * @return nothing where only what is always needed is left
     */
    public Optional<Validated> shorter() {
        if (checks.isEmpty()) {
            return Optional.empty();
        }
        var bad = checks.stream()
                .filter(check -> check.verdict() != Verdict.Passed)
                .toList();
        var some = bad.size() < checks.size() ? bad : checks.subList(0, checks.size() / 2);
        return Optional.of(new Validated(rows, some, true, report, mlflowRunId, mlflowExperimentId));
    }
}

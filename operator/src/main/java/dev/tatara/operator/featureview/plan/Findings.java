package dev.tatara.operator.featureview.plan;

import dev.tatara.api.v1alpha1.common.Bounded;
import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.common.DataCheckStatus;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.MaterializationStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus.SnapshotStatus;
import dev.tatara.contracts.CheckVerdict;
import dev.tatara.contracts.Materialized;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.steps.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What is known of a view's features, whether found out just now or kept by the status. */
public record Findings(
        Long entitiesCount,
        Long rows,
        Instant watermark,
        TimeSpan freshness,
        MaterializationStatus lastMaterialization,
        List<DataCheckStatus> checks,
        SnapshotStatus snapshot) {
    private static final int MAX_CHECKS = 128;
    private static final Duration LONGEST = Duration.ofDays(9999);

    static Findings of(FeatureViewStatus status) {
        return new Findings(
                status.entitiesCount(),
                status.rows(),
                status.watermark(),
                status.freshness(),
                status.lastMaterialization(),
                status.checks(),
                status.snapshot());
    }

    /** After a materialization that succeeded. */
    static Findings of(Materialized result, String definition, Instant startedAt, Instant finishedAt) {
        return new Findings(
                result.entities(),
                result.rows(),
                result.watermark(),
                result.freshnessSeconds() == null ? null : span(Duration.ofSeconds(result.freshnessSeconds())),
                new MaterializationStatus(
                        startedAt,
                        span(Duration.between(startedAt, finishedAt)),
                        result.rowsRead(),
                        result.rowsWritten()),
                verdicts(result),
                new SnapshotStatus(
                        ClaimUri.unmounted(result.uri()), result.sha256(), result.rows(), result.number(), definition));
    }

    /** After one that wrote nothing, because of its checks or for other reasons. */
    Findings withVerdictsOf(Materialized result) {
        return result == null || result.checks().isEmpty()
                ? this
                : new Findings(
                        entitiesCount, rows, watermark, freshness, lastMaterialization, verdicts(result), snapshot);
    }

    private static List<DataCheckStatus> verdicts(Materialized result) {
        return Bounded.first(
                result.checks().stream()
                        .map(verdict -> new DataCheckStatus(
                                Words.of(DataCheck.Type.values(), verdict.type()),
                                verdict.column(),
                                Bounded.finite(verdict.value()),
                                Bounded.finite(verdict.threshold()),
                                verdictOf(verdict.verdict()),
                                verdict.violations(),
                                Words.of(
                                        DataCheck.OnFailure.values(),
                                        verdict.onFailure().name())))
                        .toList(),
                MAX_CHECKS);
    }

    private static DataCheckStatus.Verdict verdictOf(CheckVerdict.Verdict verdict) {
        return switch (verdict) {
            case Passed -> DataCheckStatus.Verdict.Passed;
            case Failed -> DataCheckStatus.Verdict.Failed;
            case InsufficientData -> DataCheckStatus.Verdict.InsufficientData;
        };
    }

    /** A clock that was set back makes no negative spans, and a very old row no endless ones. */
    private static TimeSpan span(Duration duration) {
        var seconds = Duration.ofSeconds(duration.toSeconds());
        return TimeSpan.of(seconds.isNegative() ? Duration.ZERO : seconds.compareTo(LONGEST) > 0 ? LONGEST : seconds);
    }
}

package dev.tatara.contracts;

import java.time.Instant;
import java.util.List;

/**
 * What {@code materialize} did: the current snapshot, and how it came about. Of a run that a check blocked, only what
 * was read and the verdicts are known.
 *
 * @param number number of the current snapshot; {@code null} where nothing was written
 * @param uri address of its catalog in the artifact store
 * @param sha256 digest of the catalog, 64 lower-case hexadecimal digits
 * @param specSha256 digest of what decides the rows in the view's specification
 * @param rows rows of the snapshot, with different keys or event times
 * @param entities different keys of the snapshot
 * @param rowsRead rows that were read for it
 * @param rowsWritten rows that this run added to it or changed in it
 * @param watermark event time of the newest row
 * @param intervalEnd up to when rows were read
 * @param freshnessSeconds age of the newest row at that time
 * @param checks verdicts in the order of the specification, at most 128
 * @param checksTruncated whether verdicts were left out so that the result fits a termination message; those that
 *     failed are left out last
 * @param onlineWritten keys written to the online store; {@code null} where it isn't written to
 * @param onlineSkipped keys that had the same or a newer value there
 */
public record Materialized(
        Integer number,
        String uri,
        String sha256,
        String specSha256,
        Long rows,
        Long entities,
        long rowsRead,
        long rowsWritten,
        Instant watermark,
        Instant intervalEnd,
        Long freshnessSeconds,
        List<CheckVerdict> checks,
        boolean checksTruncated,
        Long onlineWritten,
        Long onlineSkipped) {
    public Materialized {
        checks = checks == null ? List.of() : List.copyOf(checks);
    }

    /** The same with these verdicts, which are not all. */
    public Materialized withOnly(List<CheckVerdict> some) {
        return new Materialized(
                number,
                uri,
                sha256,
                specSha256,
                rows,
                entities,
                rowsRead,
                rowsWritten,
                watermark,
                intervalEnd,
                freshnessSeconds,
                some,
                true,
                onlineWritten,
                onlineSkipped);
    }
}

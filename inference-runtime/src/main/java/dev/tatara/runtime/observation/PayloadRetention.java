package dev.tatara.runtime.observation;

import dev.tatara.artifacts.ArtifactEntry;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactPage;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Deletes the payload-log files of this service that are old enough, whichever pod and revision wrote them. How old one
 * is is read off its key, so that copying or touching it makes it no younger. All pods of a service do this; that
 * another one was faster is no failure.
 */
final class PayloadRetention implements Uploads.Chore {
    private static final Logger LOG = Logger.getLogger(PayloadRetention.class);
    private static final Pattern KEY =
            Pattern.compile("([^/]+)/(\\d{4}-\\d\\d-\\d\\d)/(\\d\\d)/[^/]+" + Pattern.quote(PayloadLog.SUFFIX));
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int PAGE = 500;

    /** Of one round; the rest is left to the next one, and to other pods. */
    private static final int MOST_CALLS = 10_000;

    /** The first round begins within this part of the interval, so that pods that start together do it in turn. */
    private static final int FIRST_PART = 6;

    private final Duration retention;
    private final Duration interval;
    private final Duration fileInterval;
    private final String folder;
    private final ObservationMeters.Deletions meters;
    private final Clock clock;
    private final Deque<ArtifactUri> expired = new ArrayDeque<>();
    private String after;
    private boolean listed;
    private int calls;
    private int deleted;
    private boolean complained;

    /**
     * @param retention how long a record is kept at least
     * @param fileInterval how much later than a file's key says its last record may be
     * @param interval between the beginnings of rounds, about
     */
    PayloadRetention(
            Duration retention,
            Duration fileInterval,
            Duration interval,
            Identity identity,
            ObservationMeters.Deletions meters,
            Clock clock) {
        this.retention = retention;
        this.fileInterval = fileInterval;
        this.interval = interval;
        this.folder = identity.folder(PayloadLog.FOLDER);
        this.meters = meters;
        this.clock = clock;
    }

    @Override
    public Duration untilFirst() {
        return Duration.ofNanos(ThreadLocalRandom.current()
                .nextLong(interval.dividedBy(FIRST_PART).toNanos()));
    }

    @Override
    public Duration work(ArtifactStore store, ArtifactUri base) throws ArtifactException {
        ArtifactUri next = expired.poll();
        if (calls >= MOST_CALLS || (next == null && listed)) {
            return over();
        }
        calls++;
        if (next != null) {
            store.delete(next);
            deleted++;
            meters.deleted().increment();
        } else {
            ArtifactUri root = base.resolve(folder);
            look(root, store.list(root, after, PAGE));
        }
        return Duration.ZERO;
    }

    /** Notes what has expired. Keys come by revision and then by time: behind the first young one of a revision all are. */
    private void look(ArtifactUri root, ArtifactPage page) {
        Instant youngest = clock.instant().minus(retention).minus(fileInterval).minus(HOUR);
        String young = null;
        for (ArtifactEntry entry : page.entries()) {
            Matcher key = KEY.matcher(below(root, entry.uri()));
            boolean ours = key.matches();
            if (ours && !key.group(1).equals(young)) {
                Instant hour = hour(key.group(2), key.group(3));
                if (hour != null && hour.isAfter(youngest)) {
                    young = key.group(1);
                    continue;
                }
                if (hour != null) {
                    expired.add(entry.uri());
                }
            }
            if (!ours) {
                young = null;
            }
        }
        listed = page.nextAfter() == null;
        // '0' follows '/': nothing more of this revision.
        after = young == null ? page.nextAfter() : young + "0";
    }

    private static String below(ArtifactUri root, ArtifactUri uri) {
        String folder = root.external();
        int start = folder.endsWith("/") ? folder.length() : folder.length() + 1;
        String whole = uri.external();
        return whole.length() > start ? whole.substring(start) : "";
    }

    /** Null for what is no time. */
    private static Instant hour(String date, String hour) {
        try {
            return LocalDate.parse(date).atTime(LocalTime.parse(hour + ":00")).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            LOG.tracef("%s/%s is none of our folders: %s", date, hour, e.getMessage());
            return null;
        }
    }

    private Duration over() {
        if (deleted > 0) {
            LOG.infof(
                    "deleted %d files of the payload log that were older than %s%s",
                    deleted, retention, calls >= MOST_CALLS ? "; there are more" : "");
            complained = false;
        }
        return startAnew();
    }

    @Override
    public Duration failed(Exception e) {
        meters.failed().increment();
        if (!complained) {
            complained = true;
            LOG.warnf(
                    "files of the payload log that are older than %s (tatara.runtime.logging.retention) can't be deleted,"
                            + " said once: %s; the store's credentials must allow s3:ListBucket and s3:DeleteObject",
                    retention, e.getMessage() == null ? e : e.getMessage());
        }
        return startAnew();
    }

    private Duration startAnew() {
        expired.clear();
        after = null;
        listed = false;
        calls = 0;
        deleted = 0;
        return interval;
    }
}

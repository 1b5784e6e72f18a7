package dev.tatara.operator.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.tatara.api.v1alpha1.common.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRulesProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The times of a UNIX cron expression in a time zone. Where clocks are changed it does as cron does: an expression of
 * fixed hours and minutes comes once on such a day, at the end of the gap if its time falls into one, and the first
 * time if its time comes twice; one with {@code *} for the hour or the minute follows the clock, so it leaves out what
 * doesn't exist and repeats what comes twice.
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/cron.8.html">cron(8)</a>, on changes of less than three hours
 */
public final class CronSchedule {
    /** A time that passed less long ago than this is not missed yet: an operator may have been restarted meanwhile. */
    public static final Duration GRACE = Duration.ofMinutes(5);

    private static final ZoneId DEFAULT_ZONE = ZoneId.of("Etc/UTC");
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    private static final Map<String, String> MACROS = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");
    /** How far back to look for the latest time: a little first, since an expression may name every minute. */
    private static final List<Duration> STEPS_BACK =
            List.of(Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(32), Duration.ofDays(366));

    private final ExecutionTime times;
    private final ZoneId zone;
    private final boolean followsTheClock;
    private final boolean catchUp;

    private CronSchedule(ExecutionTime times, ZoneId zone, boolean followsTheClock, boolean catchUp) {
        this.times = times;
        this.zone = zone;
        this.followsTheClock = followsTheClock;
        this.catchUp = catchUp;
    }

    /**
     * Reads a schedule.
     *
     * @param field where it stands, for messages: {@code spec.materialization.schedule}
     * @throws InvalidScheduleException if it names no times
     */
    public static CronSchedule of(Schedule schedule, String field) {
        var zone = zoneOf(schedule, field);
        var cron = schedule.cron().strip();
        var expression = MACROS.getOrDefault(cron, cron);
        ExecutionTime times;
        try {
            times = ExecutionTime.forCron(PARSER.parse(expression).validate());
        } catch (IllegalArgumentException e) {
            throw new InvalidScheduleException(
                    field + ".cron: '" + cron + "' can't be read: "
                            + e.getMessage().replace("Failed to parse cron expression. ", "")
                            + ". Expected five fields, minute hour day-of-month month day-of-week, for example"
                            + " '0 2 * * *', or a macro such as @hourly",
                    e);
        }
        var fields = expression.split("\\s+", -1);
        var result = new CronSchedule(
                times,
                zone,
                fields[0].startsWith("*") || fields[1].startsWith("*"),
                Boolean.TRUE.equals(schedule.catchUp()));
        // The calendar repeats itself after 400 years, but a date that exists comes within 8 (29 February).
        if (result.find(Instant.EPOCH).isEmpty()) {
            throw new InvalidScheduleException(
                    field + ".cron: '" + cron + "' never comes, there is no such date. Choose one that exists");
        }
        return result;
    }

    /** The first time after the given one. */
    public Instant next(Instant after) {
        return find(after).orElseThrow(() -> new IllegalStateException("no time after " + after + " of " + times));
    }

    /** The latest time that is neither before {@code from} nor after {@code upTo}, if there is one. */
    public Optional<Instant> latest(Instant from, Instant upTo) {
        for (var step : STEPS_BACK) {
            var start = upTo.minus(step);
            if (!start.isAfter(from)) {
                break;
            }
            var found = lastBetween(start, upTo);
            if (found.isPresent()) {
                return found;
            }
        }
        return lastBetween(from.minusMillis(1), upTo);
    }

    /**
     * Whether something is due that should have happened at {@code planned} or later: if the latest time that came is
     * less than {@link #GRACE} ago, or the schedule makes up for times that were missed. However many were, it is due
     * once.
     */
    public boolean isDue(Instant planned, Instant now) {
        if (planned.isAfter(now)) {
            return false;
        }
        return catchUp
                || latest(planned, now)
                        .filter(latest -> !latest.plus(GRACE).isBefore(now))
                        .isPresent();
    }

    private Optional<Instant> lastBetween(Instant after, Instant upTo) {
        var last = Optional.<Instant>empty();
        var time = find(after);
        while (time.isPresent() && !time.get().isAfter(upTo)) {
            last = time;
            time = find(time.get());
        }
        return last;
    }

    private Optional<Instant> find(Instant after) {
        if (followsTheClock) {
            return times.nextExecution(after.atZone(zone)).map(time -> time.toInstant());
        }
        // By the wall clock, as if it were never changed; then to where that time really is.
        var local = LocalDateTime.ofInstant(after, zone);
        while (true) {
            var next = times.nextExecution(local.atZone(ZoneOffset.UTC));
            if (next.isEmpty()) {
                return Optional.empty();
            }
            local = next.get().toLocalDateTime();
            var time = toInstant(local);
            if (time.isAfter(after)) {
                return Optional.of(time);
            }
        }
    }

    private Instant toInstant(LocalDateTime local) {
        var change = zone.getRules().getTransition(local);
        return change != null && change.isGap()
                ? change.getInstant()
                : local.toInstant(zone.getRules().getOffset(local));
    }

    private static ZoneId zoneOf(Schedule schedule, String field) {
        var name = schedule.timeZone();
        if (name == null) {
            return DEFAULT_ZONE;
        }
        if (!ZoneRulesProvider.getAvailableZoneIds().contains(name)) {
            throw new InvalidScheduleException(field + ".timeZone: there is no time zone '" + name
                    + "'. Expected a name of the IANA database, for example Asia/Tokyo or Etc/UTC");
        }
        return ZoneId.of(name);
    }
}

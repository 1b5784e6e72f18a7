package dev.tatara.operator.alerts;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.Alert;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a policy knows of its alerts: those that fire, the newest first, and behind them those that ended a moment ago,
 * {@value #MOST} together. The latter are memory: a post that was delayed must not bring them to life again.
 *
 * @param entries what there is room for
 * @param beyond alerts that fire and that there is no room for, as far as posts told; a lower bound, since what isn't
 *     kept can't be told from what is new
 */
record AlertBook(List<Alert> entries, int beyond) {
    static final int MOST = 50;

    /** How long an alert that ended is remembered: longer than an Alertmanager tries to deliver a post. */
    static final Duration MEMORY = Duration.ofMinutes(15);

    private static final int NAME_LENGTH = 256;

    private static final Comparator<Alert> NEWEST_FIRST = Comparator.comparing(
                    Alert::startsAt, Comparator.nullsFirst(Comparator.naturalOrder()))
            .reversed()
            .thenComparing(Alert::fingerprint);

    AlertBook {
        entries = List.copyOf(entries);
    }

    /** What a status says; {@code null} is that of a policy which nobody has looked at yet. */
    static AlertBook of(DriftPolicyStatus status) {
        if (status == null) {
            return new AlertBook(List.of(), 0);
        }
        var firing = status.alerts().stream().filter(Alert::fires).count();
        return new AlertBook(
                status.alerts(),
                Math.max(0, Math.toIntExact(Objects.requireNonNullElse(status.alertsCount(), 0) - firing)));
    }

    /** Alerts that fire: exact as long as all of them have room. */
    int firing() {
        return Math.toIntExact(entries.stream().filter(Alert::fires).count()) + beyond;
    }

    boolean knows(String fingerprint) {
        return entries.stream().anyMatch(entry -> entry.fingerprint().equals(fingerprint));
    }

    /** What is known after some news. Repeated and outdated ones change nothing. */
    AlertBook with(Collection<AlertNews> news, Instant now) {
        var known = new HashMap<String, Alert>();
        entries.forEach(entry -> known.put(entry.fingerprint(), entry));
        var unseen = beyond;
        for (var item : news) {
            var before = known.get(item.fingerprint());
            if (before == null) {
                unseen = Math.max(0, unseen - 1);
            } else if (!isNews(item, before, now)) {
                continue;
            }
            known.put(item.fingerprint(), entry(item));
        }
        var firing = known.values().stream()
                .filter(Alert::fires)
                .sorted(NEWEST_FIRST)
                .toList();
        var kept = firing.subList(0, Math.min(MOST, firing.size()));
        var ended = known.values().stream()
                .filter(entry -> !entry.fires() && isRemembered(entry, now))
                .sorted(NEWEST_FIRST)
                .limit(MOST - kept.size());
        return new AlertBook(Stream.concat(kept.stream(), ended).toList(), unseen + firing.size() - kept.size());
    }

    private static boolean isNews(AlertNews item, Alert before, Instant now) {
        var order = before.startsAt() == null ? 1 : item.startsAt().compareTo(before.startsAt());
        if (order != 0) {
            return order > 0;
        }
        return before.fires() ? !item.isFiring() : item.isFiring() && !isRemembered(before, now);
    }

    private static boolean isRemembered(Alert ended, Instant now) {
        var end = ended.endsAt() == null ? ended.startsAt() : ended.endsAt();
        return end != null && end.plus(MEMORY).isAfter(now);
    }

    private static Alert entry(AlertNews item) {
        var name = item.label("alertname");
        return new Alert(
                item.fingerprint(),
                name.length() <= NAME_LENGTH ? name : name.substring(0, NAME_LENGTH),
                item.startsAt(),
                item.isFiring() ? null : item.endsAt(),
                item.isFiring() ? Alert.FIRING : Alert.RESOLVED);
    }
}

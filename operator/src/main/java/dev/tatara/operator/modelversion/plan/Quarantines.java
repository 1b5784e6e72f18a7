package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Rejection;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Quarantine;
import dev.tatara.operator.kubernetes.Digests;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides whether a version's digest may be served. A service that rolled it back bans it (its status names the digest),
 * and so does a person by annotation; a person lifts the ban.
 */
final class Quarantines {
    private static final Pattern NAMES_ID = Pattern.compile("(q-[0-9a-f]{8})(?:\\s*:\\s*(.*))?", Pattern.DOTALL);
    private static final int MAX_REASON = 1024;

    /**
     * @param quarantine the ban, whether it holds or was lifted; {@code null} if there never was one
     * @param handledQuarantine value of the quarantine annotation that was acted upon
     * @param handledRelease value of the release annotation that was acted upon
     */
    record Decision(Quarantine quarantine, String handledQuarantine, String handledRelease) {
        boolean holds() {
            return quarantine != null && quarantine.holds();
        }
    }

    private record Rejected(String service, Rejection rejection) {}

    private Quarantines() {}

    static Decision decide(Observed observed, String digest, Instant now) {
        var version = observed.version();
        var at = now.truncatedTo(ChronoUnit.SECONDS);
        var handled = observed.status().handled();
        var wanted = Annotations.valueOf(version, Annotations.QUARANTINE);
        var release = Annotations.valueOf(version, Annotations.RELEASE);
        var before = observed.status().quarantine();
        var quarantine = before;

        var releaseIsNew = release != null && (handled == null || !release.equals(handled.release()));
        // Only what was in force when somebody wrote the release can have been meant by it.
        if (releaseIsNew && before != null && before.holds() && means(release, before)) {
            quarantine = new Quarantine(
                    before.id(), before.reason(), before.by(), before.at(), at, "annotation", reasonOf(release));
        }
        var wantedIsNew = wanted != null && (handled == null || !wanted.equals(handled.quarantine()));
        if (wantedIsNew) {
            // Replaces a service's ban that holds: what lifts that one must not lift the person's.
            quarantine = ban(wanted, "annotation " + Annotations.QUARANTINE, at);
        } else if (quarantine == null || !quarantine.holds()) {
            quarantine = rejection(observed.services(), digest, quarantine)
                    .map(rejected -> ban(
                            Objects.requireNonNullElse(rejected.rejection().reason(), "rolled back"),
                            "InferenceService " + rejected.service() + " (revision "
                                    + rejected.rejection().revision() + ")",
                            rejected.rejection().at()))
                    .orElse(quarantine);
        }
        return new Decision(quarantine, wanted, release);
    }

    /** The earliest rejection of the digest by a service that no release has covered yet. */
    private static Optional<Rejected> rejection(List<InferenceService> services, String digest, Quarantine lifted) {
        if (digest == null) {
            return Optional.empty();
        }
        return services.stream()
                .filter(service -> service.getStatus() != null)
                .flatMap(service -> service.getStatus().rejected().stream()
                        .map(rejection -> new Rejected(service.getMetadata().getName(), rejection)))
                .filter(rejected -> Boolean.TRUE.equals(rejected.rejection().quarantine())
                        && digest.equals(rejected.rejection().digest())
                        && rejected.rejection().at() != null)
                .filter(rejected -> lifted == null || rejected.rejection().at().isAfter(lifted.releasedAt()))
                .min(Comparator.comparing(
                                (Rejected rejected) -> rejected.rejection().at())
                        .thenComparing(Rejected::service));
    }

    private static Quarantine ban(String reason, String by, Instant at) {
        var id = "q-" + Digests.of(reason + "\n" + by + "\n" + at, 8);
        return new Quarantine(id, reason, by, at, null, null, null);
    }

    private static boolean means(String release, Quarantine quarantine) {
        var match = NAMES_ID.matcher(release);
        return !match.matches() || match.group(1).equals(quarantine.id());
    }

    private static String reasonOf(String release) {
        var match = NAMES_ID.matcher(release);
        var reason = match.matches() ? Objects.requireNonNullElse(match.group(2), "") : release;
        return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON);
    }
}

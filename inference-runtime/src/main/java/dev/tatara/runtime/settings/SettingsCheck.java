package dev.tatara.runtime.settings;

import dev.tatara.traffic.SigningKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks what types can't say; every message names the key. */
public final class SettingsCheck {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final Set<String> WEB = Set.of("http", "https");
    private static final String PREFIX = "tatara.runtime.";
    private static final int MOST_ROWS = 65_536;
    private static final int MOST_PER_SECOND = 10_000_000;

    private final List<String> problems = new ArrayList<>();

    private SettingsCheck() {}

    /**
     * One line per problem, none if all is well.
     */
    public static List<String> problems(RuntimeSettings settings) {
        SettingsCheck check = new SettingsCheck();
        check.check(settings);
        return List.copyOf(check.problems);
    }

    private void check(RuntimeSettings settings) {
        RuntimeSettings.Model model = settings.model();
        boolean alone = settings.features().file().isPresent();
        if (model.uri().isEmpty() && !alone && !settings.exitAfterWarmup()) {
            problem("model.uri", "is missing: set MODEL_URI to the model's s3://, https:// or file:// address");
        }
        between("features.timeout", settings.features().timeout(), Duration.ofMillis(1), Duration.ofSeconds(30));
        model.sha256()
                .filter(digest -> !SHA_256.matcher(digest).matches())
                .ifPresent(digest ->
                        problem("model.sha256", "must be 64 lower-case hexadecimal digits, got \"" + digest + "\""));
        if (model.version().isBlank()) {
            problem("model.version", "must not be blank");
        }
        atLeast("model.max-bytes", model.maxBytes(), 1);
        atLeast("store.attempts", settings.store().attempts(), 1);
        port("http.port", settings.http().port());
        port("admin.port", settings.admin().port());
        if (settings.http().port() != 0
                && settings.http().port() == settings.admin().port()) {
            problem(
                    "admin.port",
                    "must differ from " + PREFIX + "http.port, both are "
                            + settings.admin().port());
        }
        traffic(settings);
        notNegative("http.idle-timeout", settings.http().idleTimeout());
        notNegative("http.body-timeout", settings.http().bodyTimeout());
        notNegative("http.header-timeout", settings.http().headerTimeout());
        atLeast("http.max-connections", settings.http().maxConnections(), 1);
        atLeast("http.compress-from", settings.http().compressFrom(), 0);
        atLeastOne("http.event-loops", settings.http().eventLoops());
        atLeastOne("inference.intra-op-threads", settings.inference().intraOpThreads());
        notNegative("inference.event-loop-budget", settings.inference().eventLoopBudget());
        atLeastOne("inference.workers", settings.inference().workers());
        atLeast("inference.warmup-runs", settings.inference().warmupRuns(), 1);
        atLeast("limits.max-body-bytes", settings.limits().maxBodyBytes(), 1);
        if (settings.limits().maxBodyBytes() > 1 << 30) {
            problem(
                    "limits.max-body-bytes",
                    "must be 1073741824 (1 GiB) or less, got "
                            + settings.limits().maxBodyBytes());
        }
        atLeast(
                "limits.max-buffered-bytes",
                settings.limits().maxBufferedBytes(),
                settings.limits().maxBodyBytes());
        atLeast("batching.max-queue", settings.batching().maxQueue(), 1);
        atLeast("batching.max-queue-bytes", settings.batching().maxQueueBytes(), 1);
        atLeast("batching.max-batch-size", settings.batching().maxBatchSize(), 1);
        if (settings.batching().maxBatchSize() > MOST_ROWS) {
            problem(
                    "batching.max-batch-size",
                    "must be " + MOST_ROWS + " or less, got "
                            + settings.batching().maxBatchSize());
        }
        atLeast("cache.max-bytes", settings.cache().maxBytes(), 0);
        notNegative("batching.max-delay", settings.batching().maxDelay());
        notNegative("limits.max-wait", settings.limits().maxWait());
        perSecond("limits.requests-per-second", settings.limits().requestsPerSecond());
        perSecond("limits.per-client", settings.limits().perClient());
        notNegative("drain.delay", settings.drain().delay());
        notNegative("drain.timeout", settings.drain().timeout());
        observation(settings);
    }

    private void traffic(RuntimeSettings settings) {
        RuntimeSettings.Traffic traffic = settings.traffic();
        port("traffic.peer-port", traffic.peerPort());
        traffic.publicKey().ifPresent(key -> {
            try {
                SigningKeys.publicKey(key);
            } catch (IllegalArgumentException e) {
                problem("traffic.public-key", "can't be read: " + e.getMessage());
            }
        });
        if (traffic.table().isEmpty()) {
            return;
        }
        if (traffic.publicKey().isEmpty()) {
            problem(
                    "traffic.public-key",
                    "is missing, and a table (" + PREFIX + "traffic.table) can't be trusted then");
        }
        if (traffic.serviceUid().isEmpty()) {
            problem("traffic.service-uid", "is missing: tables are for one service");
        }
        if (settings.revision().isEmpty()) {
            problem("revision", "is missing: tables are about revisions");
        }
        int peerPort = traffic.peerPort();
        if (peerPort != 0
                && (peerPort == settings.http().port()
                        || peerPort == settings.admin().port())) {
            problem("traffic.peer-port", "must differ from the other ports, got " + peerPort);
        }
    }

    private void observation(RuntimeSettings settings) {
        notNegative("store.flush-timeout", settings.store().flushTimeout());
        between("monitoring.pane", settings.monitoring().pane(), Duration.ofSeconds(1), Duration.ofHours(1));
        percentage("monitoring.sample-percent", settings.monitoring().samplePercent());
        atLeast("monitoring.max-columns", settings.monitoring().maxColumns(), 1);
        atLeast("monitoring.max-values-per-second", settings.monitoring().maxValuesPerSecond(), 1);
        atLeast("monitoring.max-buffered-bytes", settings.monitoring().maxBufferedBytes(), 1);
        RuntimeSettings.Logging logging = settings.logging();
        percentage("logging.sample-percent", logging.samplePercent());
        between("logging.file-interval", logging.fileInterval(), Duration.ofSeconds(1), Duration.ofHours(1));
        logging.retention()
                .filter(retention -> !retention.isPositive())
                .ifPresent(retention -> problem("logging.retention", "must be positive, got " + retention));
        between("logging.retention-interval", logging.retentionInterval(), Duration.ofSeconds(1), Duration.ofDays(1));
        atLeast("logging.file-bytes", logging.fileBytes(), 1);
        atLeast("logging.max-record-bytes", logging.maxRecordBytes(), 1);
        atLeast("logging.max-buffered-bytes", logging.maxBufferedBytes(), 1);
        between("ledger.file-interval", settings.ledger().fileInterval(), Duration.ofSeconds(1), Duration.ofHours(1));
        atLeast("ledger.max-buffered-bytes", settings.ledger().maxBufferedBytes(), 1);
        between(
                "feedback.file-interval",
                settings.feedback().fileInterval(),
                Duration.ofMillis(1),
                Duration.ofHours(1));
        atLeast("feedback.max-buffered-bytes", settings.feedback().maxBufferedBytes(), 1);
        percentage("access-log.sample-percent", settings.accessLog().samplePercent());
        atLeast("access-log.errors-per-second", settings.accessLog().errorsPerSecond(), 0);
        percentage("tracing.sample-percent", settings.tracing().samplePercent());
        settings.tracing()
                .endpoint()
                .filter(uri -> uri.getHost() == null || !WEB.contains(String.valueOf(uri.getScheme())))
                .ifPresent(uri -> problem(
                        "tracing.endpoint",
                        "must be a collector's http:// or https:// address, such as http://collector:4318, got \"" + uri
                                + "\""));
    }

    private void problem(String key, String what) {
        problems.add(PREFIX + key + " " + what);
    }

    private void atLeast(String key, long value, long least) {
        if (value < least) {
            problem(key, "must be " + least + " or more, got " + value);
        }
    }

    private void atLeastOne(String key, OptionalInt value) {
        value.ifPresent(set -> atLeast(key, set, 1));
    }

    private void percentage(String key, double value) {
        if (!(value >= 0 && value <= 100)) {
            problem(key, "must be a percentage, 0 to 100, got " + value);
        }
    }

    private void between(String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            problem(key, "must be between " + least + " and " + most + ", got " + value);
        }
    }

    private void perSecond(String key, OptionalInt value) {
        atLeastOne(key, value);
        if (value.isPresent() && value.getAsInt() > MOST_PER_SECOND) {
            problem(key, "must be " + MOST_PER_SECOND + " or less, got " + value.getAsInt());
        }
    }

    private void port(String key, int port) {
        if (port < 0 || port > 65535) {
            problem(key, "must be a port (0 to 65535, 0 for any free one), got " + port);
        }
    }

    private void notNegative(String key, Duration duration) {
        if (duration.isNegative()) {
            problem(key, "must not be negative, got " + duration);
        }
    }
}

package dev.tatara.steps.materialize;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.features.redis.RedisAccess;
import dev.tatara.features.redis.RedisException;
import dev.tatara.features.writer.OnlineWriter;
import dev.tatara.features.writer.WriterSettings;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.ViewParts;
import java.nio.file.Path;

/** A Redis as the online store, laid out as Feast lays it out. */
final class RedisSink implements OnlineSink {
    private final OnlineWriter writer;

    private RedisSink(OnlineWriter writer) {
        this.writer = writer;
    }

    /** Opens the Redis that a mounted Secret names. */
    static RedisSink open(ViewPlan view, Path secret, Progress progress) throws StepFailure {
        var online = view.online().orElseThrow();
        var settings = WriterSettings.defaults().withNotices(notice -> progress.say("%s", notice));
        if (online.keyTtl() != null) {
            settings = settings.withKeyTtl(online.keyTtl().toDuration());
        }
        var name = online.redis() == null || online.redis().secretRef() == null
                ? null
                : online.redis().secretRef().name();
        var project = online.project() == null ? view.namespace() : online.project();
        try {
            return new RedisSink(
                    OnlineWriter.open(RedisAccess.ofSecret(secret, name), described(view, project), settings));
        } catch (RedisException e) {
            throw failed(e);
        } catch (IllegalArgumentException e) {
            throw ViewParts.invalid(view.name(), e.getMessage());
        }
    }

    private static OnlineView described(ViewPlan view, String project) {
        return new OnlineView(
                project,
                view.name(),
                view.keys().stream()
                        .map(key -> new JoinKey(
                                key.name(), FeatureType.valueOf(key.type().name())))
                        .toList(),
                view.features().stream()
                        .map(feature -> new OnlineFeature(
                                feature.name(),
                                FeatureType.valueOf(feature.type().name())))
                        .toList(),
                view.ttl());
    }

    @Override
    public void write(OnlineRow row) throws StepFailure {
        try {
            writer.write(row.keys().toArray(), row.eventTime(), row.values().toArray());
        } catch (RedisException e) {
            throw failed(e);
        }
    }

    @Override
    public Counts finish() throws StepFailure {
        try {
            var counts = writer.finish();
            return new Counts(counts.written(), counts.skipped());
        } catch (RedisException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        writer.close();
    }

    private static StepFailure failed(RedisException e) {
        return StepFailure.failed(
                e.kind().reason(),
                "online store: " + e.getMessage()
                        + ". The snapshot is written; running again up to the same time writes the online store",
                e);
    }
}

package dev.tatara.operator.featureview;

import dev.tatara.api.v1alpha1.common.DataCheckStatus;
import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.featureview.FeatureViewStatus;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * Gauges of views as the informer knows them: {@code tatara_feature_view_age_seconds{namespace,name}} (how old the
 * newest row is right now), {@code tatara_feature_view_rows{namespace,name}} and
 * {@code tatara_feature_check_failed{namespace,name,type,column}} (1 or 0). They go with their view. It listens to the
 * events of the primary informer, so it costs neither a watch nor a second copy of the objects.
 */
final class FeatureViewMetrics extends AbstractEventSource<Void, FeatureView>
        implements ResourceEventAware<FeatureView> {
    private static final String AGE = "tatara.feature.view.age";
    private static final String ROWS = "tatara.feature.view.rows";
    private static final String CHECK_FAILED = "tatara.feature.check.failed";

    private final MeterRegistry registry;
    private final InstantSource clock;
    private final Map<ResourceID, Series> views = new ConcurrentHashMap<>();

    private record Check(String type, String column) {
        static Check of(DataCheckStatus status) {
            return new Check(Objects.toString(status.type(), ""), Objects.requireNonNullElse(status.column(), ""));
        }
    }

    FeatureViewMetrics(MeterRegistry registry, InstantSource clock) {
        super(Void.class, "metrics");
        this.registry = registry;
        this.clock = clock;
    }

    @Override
    public void onResourceCreated(FeatureView view) {
        show(view);
    }

    @Override
    public void onResourceUpdated(FeatureView view, FeatureView before) {
        show(view);
    }

    @Override
    public void onResourceDeleted(FeatureView view) {
        var series = views.remove(ResourceID.fromResource(view));
        if (series != null) {
            series.end();
        }
    }

    @Override
    public Set<Void> getSecondaryResources(FeatureView primary) {
        return Set.of();
    }

    @Override
    public Status getStatus() {
        return Status.HEALTHY;
    }

    private void show(FeatureView view) {
        if (view.getStatus() != null) {
            views.computeIfAbsent(ResourceID.fromResource(view), id -> new Series(view))
                    .update(view.getStatus());
        }
    }

    /** The gauges of one view. Only the informer's thread changes them. */
    private final class Series {
        private final Tags tags;
        private final Map<Object, Meter> meters = new HashMap<>();
        private volatile FeatureViewStatus status = FeatureViewStatus.EMPTY;

        Series(FeatureView view) {
            tags = Tags.of(
                    "namespace", view.getMetadata().getNamespace(),
                    "name", view.getMetadata().getName());
        }

        void update(FeatureViewStatus latest) {
            status = latest;
            var wanted = new HashMap<Object, Gauge.Builder<Series>>();
            if (latest.watermark() != null) {
                wanted.put(
                        AGE,
                        gauge(AGE, tags, Series::ageSeconds)
                                .baseUnit("seconds")
                                .description("Age of the newest row of a feature view"));
            }
            if (latest.rows() != null) {
                wanted.put(ROWS, gauge(ROWS, tags, Series::rows).description("Rows of a feature view's last snapshot"));
            }
            for (var status : latest.checks()) {
                var check = Check.of(status);
                wanted.put(
                        check,
                        gauge(
                                        CHECK_FAILED,
                                        tags.and("type", check.type(), "column", check.column()),
                                        series -> series.hasFailed(check))
                                .description("1 if the check failed at the last materialization, else 0"));
            }
            meters.entrySet().removeIf(meter -> {
                var isGone = !wanted.containsKey(meter.getKey());
                if (isGone) {
                    registry.remove(meter.getValue());
                }
                return isGone;
            });
            wanted.forEach((key, builder) -> meters.computeIfAbsent(key, absent -> builder.register(registry)));
        }

        void end() {
            meters.values().forEach(registry::remove);
            meters.clear();
        }

        private Gauge.Builder<Series> gauge(String name, Tags all, ToDoubleFunction<Series> value) {
            return Gauge.builder(name, this, value).tags(all);
        }

        private double ageSeconds() {
            var watermark = status.watermark();
            return watermark == null
                    ? Double.NaN
                    : Duration.between(watermark, clock.instant()).toMillis() / 1000.0;
        }

        private double rows() {
            return status.rows() == null ? Double.NaN : status.rows();
        }

        private double hasFailed(Check check) {
            return status.checks().stream()
                            .anyMatch(verdict -> verdict.verdict() == DataCheckStatus.Verdict.Failed
                                    && Check.of(verdict).equals(check))
                    ? 1
                    : 0;
        }
    }
}

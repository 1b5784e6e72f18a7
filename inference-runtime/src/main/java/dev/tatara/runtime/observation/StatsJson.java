package dev.tatara.runtime.observation;

import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.CategorySketch.Frequency;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.Traffic;
import java.util.List;

/** Panes as JSON for people and dashboards: docs/reference/observation.md. */
final class StatsJson {
    /** Ranks of the quantiles that are shown. */
    static final double[] RANKS = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

    private static final double[] LATENCY_RANKS = {0.5, 0.95, 0.99};
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int MOST_CATEGORIES = 20;

    private StatsJson() {}

    static void pane(Pane pane, JsonBytes out) {
        out.raw("{\"start\":").string(pane.start().toString());
        out.raw(",\"end\":").string(pane.end().toString());
        out.raw(",\"sequence\":").number(pane.origin().sequence());
        out.raw(",\"rows_seen\":").number(pane.rowsSeen());
        out.raw(",\"rows_sampled\":").number(pane.rowsSampled());
        traffic(pane.traffic(), out);
        out.raw(",\"features\":");
        columns(pane.columns(), Role.Feature, out);
        out.raw(",\"predictions\":");
        columns(pane.columns(), Role.Prediction, out);
        out.raw('}');
    }

    private static void traffic(Traffic traffic, JsonBytes out) {
        out.raw(",\"requests\":").number(traffic.requests());
        out.raw(",\"failed\":").number(traffic.failed());
        out.raw(",\"throttled\":").number(traffic.throttled());
        out.raw(",\"latency_seconds\":");
        if (traffic.latency().count() == 0) {
            out.raw("null");
            return;
        }
        out.raw('{');
        for (int i = 0; i < LATENCY_RANKS.length; i++) {
            out.raw(i == 0 ? "\"" : ",\"").number(LATENCY_RANKS[i]);
            out.raw("\":").number(traffic.latency().quantile(LATENCY_RANKS[i]).toNanos() / NANOS_PER_SECOND);
        }
        out.raw('}');
    }

    private static void columns(List<Column> columns, Role role, JsonBytes out) {
        out.raw('[');
        boolean first = true;
        for (Column column : columns) {
            if (column.role() == role) {
                out.raw(first ? "{\"name\":" : ",{\"name\":").string(column.name());
                first = false;
                switch (column.sketch()) {
                    case NumberSketch numbers -> numbers(numbers, out);
                    case CategorySketch categories -> categories(categories, out);
                }
                out.raw('}');
            }
        }
        out.raw(']');
    }

    private static void numbers(NumberSketch sketch, JsonBytes out) {
        out.raw(",\"kind\":\"numbers\",\"count\":").number(sketch.count());
        out.raw(",\"missing\":").number(sketch.missing());
        out.raw(",\"infinities\":").number(sketch.positiveInfinities() + sketch.negativeInfinities());
        out.raw(",\"min\":").number(sketch.min());
        out.raw(",\"max\":").number(sketch.max());
        out.raw(",\"mean\":").number(sketch.mean());
        out.raw(",\"standard_deviation\":").number(sketch.standardDeviation());
        out.raw(",\"rank_error\":").number(sketch.rankError());
        out.raw(",\"quantiles\":{");
        for (int i = 0; i < RANKS.length; i++) {
            out.raw(i == 0 ? "\"" : ",\"").number(RANKS[i]);
            out.raw("\":").number(sketch.quantile(RANKS[i]));
        }
        out.raw('}');
        sketch.distinct().ifPresent(counts -> {
            out.raw(",\"values\":[");
            boolean first = true;
            for (var entry : counts.entrySet()) {
                out.raw(first ? "{\"value\":" : ",{\"value\":").number(entry.getKey());
                out.raw(",\"count\":").number(entry.getValue()).raw('}');
                first = false;
            }
            out.raw(']');
        });
    }

    private static void categories(CategorySketch sketch, JsonBytes out) {
        out.raw(",\"kind\":\"categories\",\"count\":").number(sketch.count());
        out.raw(",\"missing\":").number(sketch.missing());
        out.raw(",\"distinct\":").number(Math.round(sketch.distinct()));
        out.raw(",\"exact\":").bool(sketch.isExact());
        out.raw(",\"top\":[");
        boolean first = true;
        for (Frequency frequency : sketch.top(MOST_CATEGORIES)) {
            out.raw(first ? "{\"value\":" : ",{\"value\":").string(frequency.value());
            out.raw(",\"count\":").number(frequency.lowerBound()).raw('}');
            first = false;
        }
        out.raw(']');
    }
}

package dev.tatara.steps.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a training went on, from the trainer's {@code progress.jsonl}: a line is a JSON object such as {@code {"step": 7,
 * "loss": 0.3}}. What says where a line belongs is {@code step}, else {@code epoch}, else the number of the line; every
 * other finite number is a point of the series of its name. {@code progress}, which says how far the training is, isn't
 * one. Other lines, numbers that aren't finite, and what is beyond the bounds is passed over.
 *
 * @param series in the order in which they appear, at most {@value #MOST_SERIES}
 * @param linesPassedOver lines that are no JSON objects
 */
public record TrainingProgress(List<Series> series, long linesPassedOver) {
    /** Longest file that is read, in bytes. */
    public static final long MOST_BYTES = 16L << 20;

    /** Points of a series; of longer ones some are kept, evenly, with the last one. */
    public static final int MOST_POINTS = 1000;

    public static final int MOST_SERIES = 50;

    private static final Set<String> NO_SERIES = Set.of("step", "epoch", "progress");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    public TrainingProgress {
        series = List.copyOf(series);
    }

    /**
     * The values of one name.
     *
     * @param name as the trainer calls it
     * @param points in the order of the lines
     */
    public record Series(String name, List<Point> points) {
        public Series {
            points = List.copyOf(points);
        }
    }

    /**
     * A value.
     *
     * @param step where it belongs
     * @param value a finite number
     */
    public record Point(double step, double value) {}

    /**
     * Reads a file of at most {@link #MOST_BYTES}.
     *
     * @throws IOException where the file can't be read; what stands in it is never the reason
     */
    public static TrainingProgress read(Path file) throws IOException {
        var found = new LinkedHashMap<String, Points>();
        long number = 0;
        long passedOver = 0;
        // A decoder of its own: it replaces bytes that are no UTF-8 and goes on.
        try (var lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (line.isBlank()) {
                    continue;
                }
                number++;
                if (!add(line, number, found)) {
                    passedOver++;
                }
            }
        }
        var series = new ArrayList<Series>();
        found.forEach((name, points) -> series.add(new Series(name, points.kept())));
        return new TrainingProgress(series, passedOver);
    }

    private static boolean add(String line, long number, Map<String, Points> found) {
        JsonNode object;
        try {
            object = JSON.readTree(line);
        } catch (JacksonException e) {
            return false;
        }
        if (!object.isObject()) {
            return false;
        }
        var step = step(object, number);
        for (var field : object.properties()) {
            var value = field.getValue().doubleValue();
            var isSeries = field.getValue().isNumber() && Double.isFinite(value) && !NO_SERIES.contains(field.getKey());
            if (isSeries && (found.containsKey(field.getKey()) || found.size() < MOST_SERIES)) {
                found.computeIfAbsent(field.getKey(), name -> new Points()).add(new Point(step, value));
            }
        }
        return true;
    }

    private static double step(JsonNode object, long number) {
        for (var name : List.of("step", "epoch")) {
            var value = object.path(name);
            if (value.isNumber() && Double.isFinite(value.doubleValue())) {
                return value.doubleValue();
            }
        }
        return number;
    }

    /** Every n-th of the points that came, n doubling as they become too many, and the last one. */
    private static final class Points {
        private final List<Point> some = new ArrayList<>();
        private Point last;
        private long came;
        private long every = 1;

        void add(Point point) {
            if (came % every == 0) {
                some.add(point);
            }
            came++;
            last = point;
            if (some.size() >= MOST_POINTS) {
                var half = new ArrayList<Point>();
                for (var i = 0; i < some.size(); i += 2) {
                    half.add(some.get(i));
                }
                some.clear();
                some.addAll(half);
                every *= 2;
            }
        }

        List<Point> kept() {
            var kept = new ArrayList<>(some);
            if (kept.isEmpty() || !kept.getLast().equals(last)) {
                kept.add(last);
            }
            return kept;
        }
    }
}

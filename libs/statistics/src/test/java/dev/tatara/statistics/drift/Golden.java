package dev.tatara.statistics.drift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Real data, and what SciPy and Evidently say of it: src/test/python/make_drift.py. */
final class Golden {
    static final JsonNode EXPECTED = json();

    private Golden() {}

    /** One column, both sides as they were written. */
    record Pair(List<String> reference, List<String> current) {
        double[] numbersOfReference() {
            return numbers(reference);
        }

        double[] numbersOfCurrent() {
            return numbers(current);
        }

        private static double[] numbers(List<String> texts) {
            return texts.stream()
                    .mapToDouble(text -> switch (text) {
                        case "" -> Double.NaN;
                        case "inf" -> Double.POSITIVE_INFINITY;
                        case "-inf" -> Double.NEGATIVE_INFINITY;
                        default -> Double.parseDouble(text);
                    })
                    .toArray();
        }

        static Map<String, Long> counts(List<String> texts) {
            Map<String, Long> counts = new TreeMap<>();
            texts.forEach(text -> counts.merge(text, 1L, Long::sum));
            return counts;
        }
    }

    /** Columns of a data set by name. */
    static Map<String, Pair> read(String name) {
        List<String> lines = text(name + ".csv").lines().toList();
        List<String> names = Arrays.asList(lines.getFirst().split(",", -1));
        Map<String, Pair> columns = new TreeMap<>();
        names.subList(1, names.size())
                .forEach(column -> columns.put(column, new Pair(new ArrayList<>(), new ArrayList<>())));
        for (String line : lines.subList(1, lines.size())) {
            String[] row = line.split(",", -1);
            for (int i = 1; i < row.length; i++) {
                Pair pair = columns.get(names.get(i));
                (row[0].equals("reference") ? pair.reference : pair.current).add(row[i]);
            }
        }
        return columns;
    }

    /** Fractions of multiples of the golden ratio. */
    static double[] goldenRatio(int count, double factor, double offset) {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = ((i + 1) * 0.6180339887498949) % 1.0 * factor + offset;
        }
        return numbers;
    }

    private static JsonNode json() {
        try {
            return new ObjectMapper().readTree(text("expected.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String name) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/drift/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

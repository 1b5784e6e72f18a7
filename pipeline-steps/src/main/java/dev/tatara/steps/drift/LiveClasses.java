package dev.tatara.steps.drift;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One name for each class, in whichever form it comes: by its name, as the model's own label, by its position among the
 * model's classes, as a number with a fraction of zero, as true and false. Names win.
 */
final class LiveClasses {
    private static final Set<String> WORDS = Set.of("true", "false");
    private static final Set<String> DIGITS = Set.of("0", "1");

    private final List<String> names;
    private final Set<String> labels = new HashSet<>();
    private final Set<String> predictions = new HashSet<>();
    private final Map<String, String> raws = new HashMap<>();

    /**
     * @param names of the classes in the order of the model's probabilities; may be empty
     */
    LiveClasses(List<String> names) {
        this.names = names;
    }

    /** Learns what there is, all of it before anything is named. */
    void add(String label, String prediction, String raw) {
        labels.add(plain(label));
        predictions.add(plain(prediction));
        if (!raw.equals(prediction)) {
            raws.put(plain(raw), prediction);
        }
    }

    /** The class that a label means. */
    String ofLabel(String label) {
        return named(label);
    }

    /** The class that was predicted. */
    String ofPrediction(String prediction) {
        return named(prediction);
    }

    private String named(String text) {
        if (names.contains(text)) {
            return text;
        }
        var plain = plain(text);
        if (areTruths() && WORDS.contains(plain)) {
            plain = plain.equals("true") ? "1" : "0";
        }
        if (names.contains(plain)) {
            return plain;
        }
        if (raws.containsKey(plain)) {
            return raws.get(plain);
        }
        if (!plain.matches("\\d{1,4}") || !arePositions()) {
            return plain;
        }
        var position = Integer.parseInt(plain);
        return position < names.size() ? names.get(position) : plain;
    }

    /** Whether true and false on one side are 1 and 0, or names of two classes, on the other. */
    private boolean areTruths() {
        return WORDS.containsAll(labels) != WORDS.containsAll(predictions)
                && (DIGITS.containsAll(labels) || DIGITS.containsAll(predictions) || names.size() == 2);
    }

    /** A model whose own labels are other numbers than positions leaves no doubt about what a number is. */
    private boolean arePositions() {
        return raws.entrySet().stream()
                .allMatch(raw -> raw.getKey().equals(String.valueOf(names.indexOf(raw.getValue()))));
    }

    /** 1.0 is what became of 1 on its way through somebody's table, True of true. */
    private static String plain(String text) {
        if (text.matches("-?\\d{1,18}\\.0+")) {
            return text.substring(0, text.indexOf('.'));
        }
        return WORDS.contains(text.toLowerCase(java.util.Locale.ROOT)) ? text.toLowerCase(java.util.Locale.ROOT) : text;
    }
}

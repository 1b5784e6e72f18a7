package dev.tatara.statistics.search;

import java.util.Objects;

/** What a hyperparameter has in a trial. */
public sealed interface Value {

    /** A number. */
    record Real(double number) implements Value {}

    /** A whole number. */
    record Whole(long number) implements Value {}

    /** A text, as it stands among the choices. */
    record Text(String text) implements Value {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }
}

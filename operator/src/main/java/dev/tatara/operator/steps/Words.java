package dev.tatara.operator.steps;

import java.util.stream.Stream;

/** Words of steps' results in the API's own terms. */
public final class Words {
    private Words() {}

    /** A message without the full stop at its end, for more to be said behind it. */
    public static String withoutStop(String message) {
        return message.replaceFirst("[.\\s]+$", "");
    }

    /** A message as a sentence, for another to follow; empty if there is none. */
    public static String sentence(String message) {
        var text = message == null ? "" : withoutStop(message);
        return text.isEmpty() ? "" : text + ". ";
    }

    /** The constant of that name; {@code null} for a word that only a newer step knows, and for none. */
    public static <E extends Enum<E>> E of(E[] constants, String name) {
        return Stream.of(constants)
                .filter(constant -> constant.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}

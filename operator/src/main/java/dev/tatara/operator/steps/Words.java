package dev.tatara.operator.steps;

import java.util.stream.Stream;

/** Words of steps' results in the API's own terms. */
public final class Words {
    private Words() {}

    /** The constant of that name; {@code null} for a word that only a newer step knows, and for none. */
    public static <E extends Enum<E>> E of(E[] constants, String name) {
        return Stream.of(constants)
                .filter(constant -> constant.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}

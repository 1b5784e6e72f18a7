package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Arrays;
import java.util.Set;

/** What people ask for by annotations; see {@link AnnotationValues}. */
public final class Annotations {
    /** {@code <any new value>}: evaluate now. */
    public static final String EVALUATE = Labels.GROUP + "/evaluate";
    /** {@code <id of a trigger>}, or several with commas between them: do what the action asks for. */
    public static final String APPROVE = Labels.GROUP + "/approve";

    private static final int MAX_LENGTH = 256;

    private Annotations() {}

    /** The annotation's value, cut to what a status keeps of it; {@code null} where it is absent or blank. */
    static String valueOf(HasMetadata object, String annotation) {
        return AnnotationValues.of(object, annotation, MAX_LENGTH);
    }

    /** Ids of the triggers that somebody approves. */
    static Set<String> approvedIn(HasMetadata object) {
        var value = valueOf(object, APPROVE);
        return value == null ? Set.of() : Set.copyOf(Arrays.asList(value.strip().split("[,\\s]+")));
    }
}

package dev.tatara.operator.modelversion.plan;

import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;

/** What people ask for by annotations; see {@link AnnotationValues}. */
public final class Annotations {
    /** {@code <reason>}: the version may not be served. */
    public static final String QUARANTINE = Labels.GROUP + "/quarantine";
    /** {@code <reason>} or {@code <quarantine id>: <reason>}: lifts the quarantine in force. */
    public static final String RELEASE = Labels.GROUP + "/release";
    /** {@code <any new value>}: inspect the file again now. */
    public static final String RETRY = Labels.GROUP + "/retry";

    private static final int MAX_LENGTH = 1024;

    private Annotations() {}

    /** The annotation's value, cut to what a status keeps of it; {@code null} where it is absent or blank. */
    static String valueOf(HasMetadata object, String annotation) {
        return AnnotationValues.of(object, annotation, MAX_LENGTH);
    }
}

package dev.tatara.operator.modelversion.plan;

import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * What people ask for by annotations. A value is acted upon once: it is kept in {@code status.handled}, and the
 * annotation is left alone, because a GitOps controller would only put it back.
 */
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
        var annotations = object.getMetadata().getAnnotations();
        var value = annotations == null ? null : annotations.get(annotation);
        if (value == null || value.isBlank()) {
            return null;
        }
        return value.length() <= MAX_LENGTH ? value : value.substring(0, MAX_LENGTH);
    }
}

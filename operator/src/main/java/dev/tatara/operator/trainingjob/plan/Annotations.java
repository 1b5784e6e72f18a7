package dev.tatara.operator.trainingjob.plan;

import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;

/** What people ask for by annotations. */
public final class Annotations {
    /** {@code <any new value>}: start a run now. */
    public static final String RUN = Labels.GROUP + "/run";
    /** {@code <number of a run>}: end that run. */
    public static final String CANCEL = Labels.GROUP + "/cancel";

    private static final int MAX_LENGTH = 256;

    private Annotations() {}

    /** The annotation's value, cut to what a status keeps of it; {@code null} where it is absent or blank. */
    static String valueOf(HasMetadata object, String annotation) {
        return AnnotationValues.of(object, annotation, MAX_LENGTH);
    }
}

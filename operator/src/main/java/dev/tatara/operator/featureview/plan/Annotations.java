package dev.tatara.operator.featureview.plan;

import dev.tatara.operator.kubernetes.AnnotationValues;
import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;

/** What people ask for by annotations; see {@link AnnotationValues}. */
public final class Annotations {
    /** {@code <any new value>}: compute the features now. */
    public static final String MATERIALIZE = Labels.GROUP + "/materialize";
    /** {@code <start>/<end>}: compute the features of that interval. */
    public static final String BACKFILL = Labels.GROUP + "/backfill";

    private static final int MAX_LENGTH = 256;

    private Annotations() {}

    /** The annotation's value, cut to what a status keeps of it; {@code null} where it is absent or blank. */
    static String valueOf(HasMetadata object, String annotation) {
        return AnnotationValues.of(object, annotation, MAX_LENGTH);
    }
}

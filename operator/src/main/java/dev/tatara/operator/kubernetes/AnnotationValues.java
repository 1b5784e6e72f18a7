package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * What people ask for by annotations. A value is acted upon once: it is kept in {@code status.handled}, and the
 * annotation is left alone, because a GitOps controller would only put it back.
 */
public final class AnnotationValues {
    private AnnotationValues() {}

    /** The annotation's value, cut to {@code maxLength} characters; {@code null} where it is absent or blank. */
    public static String of(HasMetadata object, String annotation, int maxLength) {
        var annotations = object.getMetadata().getAnnotations();
        var value = annotations == null ? null : annotations.get(annotation);
        if (value == null || value.isBlank()) {
            return null;
        }
        return value.length() <= maxLength ? value : value.substring(0, maxLength);
    }

    /**
     * The command by which a person asks for something anew.
     *
     * @param kind short name of the object's kind, as people type it
     */
    public static String command(String kind, HasMetadata object, String annotation) {
        return "kubectl annotate " + kind + " " + object.getMetadata().getName() + " -n "
                + object.getMetadata().getNamespace() + " --overwrite " + annotation + "=<any new value>";
    }
}

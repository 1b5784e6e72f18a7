package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Labels, annotations and the field manager, as users and their selectors know them. */
public final class Labels {
    public static final String GROUP = "mlops.tatara.dev";
    public static final String FIELD_MANAGER = "tatara-operator";
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String REVISION = GROUP + "/revision";
    /** What an object is for among its owner's. */
    public static final String COMPONENT = "app.kubernetes.io/component";

    public static final String MODEL = GROUP + "/model";
    /** Selects every object of the operator; informers on shared kinds (Deployments, Jobs, ...) use it. */
    public static final String MANAGED_SELECTOR = MANAGED_BY + "=" + FIELD_MANAGER;

    private Labels() {}

    /** The label key by which an owner's objects are found, for example {@code mlops.tatara.dev/inferenceservice}. */
    public static String ownerKey(Class<? extends HasMetadata> kind) {
        return GROUP + "/" + kind.getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** A number from 0 to 999,999,999 among an object's labels; 0 if it has none by that key. */
    public static int number(HasMetadata object, String key) {
        var labels = object.getMetadata().getLabels();
        var label = labels == null ? null : labels.get(key);
        return label != null && label.matches("\\d{1,9}") ? Integer.parseInt(label) : 0;
    }

    /** Labels of an object that the operator makes on behalf of {@code owner}. */
    public static Map<String, String> of(HasMetadata owner, String application, String component) {
        var labels = new LinkedHashMap<String, String>();
        labels.put("app.kubernetes.io/name", application);
        labels.put("app.kubernetes.io/instance", owner.getMetadata().getName());
        labels.put(COMPONENT, component);
        labels.put("app.kubernetes.io/part-of", "tatara");
        labels.put(MANAGED_BY, FIELD_MANAGER);
        labels.put(ownerKey(owner.getClass()), owner.getMetadata().getName());
        return labels;
    }
}

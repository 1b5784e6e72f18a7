package dev.tatara.operator.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Reads objects without what nobody here looks at, so that informers neither parse nor keep it. */
public final class LeanObjects {
    private LeanObjects() {}

    /** Leaves {@code metadata.managedFields} out: it is longer than the rest of most objects. */
    public static KubernetesSerialization serialization() {
        var mapper = new ObjectMapper();
        mapper.configOverride(ObjectMeta.class)
                .setIgnorals(JsonIgnoreProperties.Value.forIgnoredProperties("managedFields"));
        return new KubernetesSerialization(mapper, true);
    }
}

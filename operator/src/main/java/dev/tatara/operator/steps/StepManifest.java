package dev.tatara.operator.steps;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a step reads of an object: a manifest as people write them, of what the step is to know. */
public final class StepManifest {
    private StepManifest() {}

    /** Of an object, with another specification. */
    public static Map<String, Object> of(HasMetadata object, Object spec) {
        return of(object, object.getKind(), spec);
    }

    /** Of an object in the place of one of another kind of ours. */
    public static Map<String, Object> of(HasMetadata object, String kind, Object spec) {
        var manifest = new LinkedHashMap<String, Object>();
        manifest.put("apiVersion", object.getApiVersion());
        manifest.put("kind", kind);
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("name", object.getMetadata().getName());
        metadata.put("namespace", object.getMetadata().getNamespace());
        manifest.put("metadata", metadata);
        manifest.put("spec", spec);
        return manifest;
    }
}

package dev.tatara.operator.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Merges a user's partial pod template over the operator's own, as Kubernetes' strategic merge does: objects field by
 * field, the lists below by their key, other lists and values replaced. What the operator needs for itself is reserved:
 * a template that sets it is refused with the field's path, never silently overruled.
 */
public final class PodTemplateMerge {
    /** The lists of a pod template that merge by a key (patchMergeKey in the Kubernetes API). */
    private static final Map<String, String> MERGE_KEYS = Map.of(
            "containers", "name",
            "initContainers", "name",
            "env", "name",
            "volumes", "name",
            "volumeMounts", "mountPath",
            "volumeDevices", "devicePath",
            "imagePullSecrets", "name",
            "hostAliases", "ip",
            "topologySpreadConstraints", "topologyKey");

    private static final Set<String> RESERVED_METADATA = Set.of("name", "namespace", "generateName", "ownerReferences");
    private static final Set<String> RESERVED_IN_POD = Set.of("restartPolicy", "automountServiceAccountToken");
    private static final Set<String> RESERVED_IN_CONTAINER =
            Set.of("image", "command", "args", "ports", "startupProbe", "livenessProbe", "readinessProbe", "lifecycle");
    private static final List<String> RESERVED_ENVIRONMENT = List.of("MODEL_", "TATARA_", "ORT_DISABLE_TELEMETRY");
    private static final List<String> RESERVED_LABELS =
            List.of(Labels.GROUP + "/", "app.kubernetes.io/managed-by", "app.kubernetes.io/part-of");

    private PodTemplateMerge() {}

    /** The paths of reserved fields that {@code partial} sets, sorted; empty if it sets none. */
    public static List<String> reservedFieldsIn(JsonNode partial, String container) {
        return reservedFieldsIn(partial, Set.of(container), name -> RESERVED_ENVIRONMENT.stream()
                .anyMatch(name::startsWith));
    }

    /** The same for pods with several containers of the operator's, and other variables that are reserved in them. */
    public static List<String> reservedFieldsIn(
            JsonNode partial, Set<String> containers, Predicate<String> isReservedVariable) {
        var found = new TreeSet<String>();
        collect(partial.path("metadata"), RESERVED_METADATA, "metadata", found);
        partial.path("metadata").path("labels").fieldNames().forEachRemaining(label -> {
            if (RESERVED_LABELS.stream().anyMatch(label::startsWith)) {
                found.add("metadata.labels[" + label + "]");
            }
        });
        collect(partial.path("spec"), RESERVED_IN_POD, "spec", found);
        for (var list : List.of("containers", "initContainers")) {
            for (var candidate : partial.path("spec").path(list)) {
                var name = candidate.path("name").asText();
                if (containers.contains(name)) {
                    var path = "spec." + list + "[" + name + "]";
                    collect(candidate, RESERVED_IN_CONTAINER, path, found);
                    for (var variable : candidate.path("env")) {
                        var key = variable.path("name").asText();
                        if (isReservedVariable.test(key)) {
                            found.add(path + ".env[" + key + "]");
                        }
                    }
                }
            }
        }
        return new ArrayList<>(found);
    }

    /** A new tree: {@code base} with {@code partial} merged over it. Neither argument is changed. */
    public static ObjectNode merge(ObjectNode base, JsonNode partial) {
        var result = base.deepCopy();
        mergeInto(result, partial);
        return result;
    }

    private static void mergeInto(ObjectNode base, JsonNode partial) {
        for (var field : partial.properties()) {
            var key = field.getKey();
            var theirs = field.getValue();
            var ours = base.get(key);
            if (theirs.isNull()) {
                base.remove(key);
            } else if (ours instanceof ObjectNode object && theirs.isObject()) {
                mergeInto(object, theirs);
            } else if (ours instanceof ArrayNode list && theirs.isArray() && MERGE_KEYS.containsKey(key)) {
                mergeList(list, theirs, MERGE_KEYS.get(key));
            } else {
                base.set(key, theirs.deepCopy());
            }
        }
    }

    private static void mergeList(ArrayNode base, JsonNode partial, String mergeKey) {
        for (var theirs : partial) {
            var ours = find(base, mergeKey, theirs.path(mergeKey));
            if (ours == null) {
                base.add(theirs.deepCopy());
            } else {
                mergeInto(ours, theirs);
            }
        }
    }

    private static ObjectNode find(ArrayNode list, String mergeKey, JsonNode value) {
        for (var element : list) {
            if (element instanceof ObjectNode object && object.path(mergeKey).equals(value)) {
                return object;
            }
        }
        return null;
    }

    private static void collect(JsonNode object, Set<String> reserved, String path, Set<String> found) {
        object.fieldNames().forEachRemaining(field -> {
            if (reserved.contains(field)) {
                found.add(path + "." + field);
            }
        });
    }
}

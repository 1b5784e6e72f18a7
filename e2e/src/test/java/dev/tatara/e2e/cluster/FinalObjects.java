package dev.tatara.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The objects of one model in a namespace, without what differs between any two runs, for comparing runs. */
public final class FinalObjects {
    private static final String KINDS = "modelversions,inferenceservices,deployments,services,configmaps,"
            + "poddisruptionbudgets,controllerrevisions,horizontalpodautoscalers,jobs";

    /** Identity, clocks and addresses, wherever they stand. */
    private static final Set<String> OF_ONE_RUN = Set.of(
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "observedGeneration",
            "managedFields",
            "clusterIP",
            "clusterIPs",
            "lastTransitionTime",
            "lastUpdateTime",
            "startTime",
            "completionTime",
            "startedAt",
            "finishedAt",
            "since",
            "at",
            "measurements",
            "lastMessage");

    private static final String TABLE = "table.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private FinalObjects() {}

    /** The objects whose names begin with the model's, as JSON, sorted; the model is called MODEL in all of them. */
    public static List<String> of(Cluster cluster, TestNamespace namespace, String model) {
        var listed = read(namespace.kubectl("get", KINDS, "-o", "json").succeeded());
        return Stream.iterate(0, index -> index + 1)
                .limit(listed.path("items").size())
                .map(index -> listed.path("items").path(index))
                .filter(belongsTo(model))
                .map(object -> normal(object, model))
                .sorted()
                .toList();
    }

    private static Predicate<JsonNode> belongsTo(String model) {
        return object -> {
            var name = object.path("metadata").path("name").asText();
            return name.equals(model) || name.startsWith(model + "-");
        };
    }

    private static String normal(JsonNode object, String model) {
        var normal = object.deepCopy();
        strip(normal);
        // Names carry hashes of what holds the model's name; what they name is compared all the same.
        return normal.toString()
                .replaceAll("\\b" + model + "\\b", "MODEL")
                .replaceAll("\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b", "UID")
                .replaceAll("\\b[0-9a-f]{8,16}\\b", "HASH")
                .replaceAll("\\b\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME");
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(OF_ONE_RUN);
            readTable(object);
            // What a Deployment and a Job tell about their controllers' work says how it went, not how it ended.
            if (Set.of("Deployment", "Job").contains(object.path("kind").asText())) {
                object.remove("status");
                if (object.path("metadata") instanceof ObjectNode metadata) {
                    metadata.remove("annotations");
                }
            }
            object.forEach(FinalObjects::strip);
        } else if (node instanceof ArrayNode array) {
            array.forEach(FinalObjects::strip);
        }
    }

    /** Of a signed traffic table, what it says; how often it was written says how it went. */
    private static void readTable(ObjectNode object) {
        if (object.path("data") instanceof ObjectNode data && data.has(TABLE)) {
            var signed = read(data.path(TABLE).asText()).path("table").asText();
            var table = (ObjectNode) read(new String(Base64.getDecoder().decode(signed), StandardCharsets.UTF_8));
            data.set(TABLE, table.without("generation"));
        }
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("expected JSON from kubectl, found " + json, e);
        }
    }
}

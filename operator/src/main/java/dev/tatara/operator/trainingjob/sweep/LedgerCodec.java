package dev.tatara.operator.trainingjob.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.contracts.Published;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.End;
import dev.tatara.operator.trainingjob.sweep.TrialEntry.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Ledgers as JSON, as the step {@code track} reads them too: {@code {"trials": [{"trial": 1, "state": "Completed",
 * "value": 0.9, "parameters": {…}, …}, …], "best": {…}}}, without what is absent or usual. The same ledger gives the same
 * text.
 */
final class LedgerCodec {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private LedgerCodec() {}

    static String toJson(Ledger ledger) {
        var root = NODES.objectNode();
        var trials = root.putArray("trials");
        ledger.trials().forEach(entry -> trials.add(node(entry)));
        if (ledger.winner() != null) {
            var best = root.putObject("best");
            best.put("trial", ledger.winner().trial());
            best.set("published", JSON.valueToTree(ledger.winner().published()));
            best.put("imageId", ledger.winner().imageId());
        }
        return root.toString();
    }

    /** Reads what {@link #toJson} wrote. */
    static Ledger fromJson(String text) throws JsonProcessingException {
        var root = JSON.readTree(text);
        List<TrialEntry> trials = new ArrayList<>();
        for (var node : root.path("trials")) {
            trials.add(entry(node));
        }
        var best = root.path("best");
        return new Ledger(
                trials,
                best.isMissingNode()
                        ? null
                        : new Ledger.Winner(
                                best.path("trial").asInt(),
                                JSON.treeToValue(best.path("published"), Published.class),
                                best.path("imageId").textValue()));
    }

    private static ObjectNode node(TrialEntry entry) {
        var end = entry.end();
        var node = NODES.objectNode();
        node.put("trial", entry.number());
        node.put("state", entry.state().name());
        if (Double.isFinite(end.value())) {
            node.put("value", end.value());
        }
        if (entry.parameters() != null) {
            node.set("parameters", entry.parameters());
        }
        if (entry.attempt() > 1) {
            node.put("attempt", entry.attempt());
        }
        if (entry.failures() > 0) {
            node.put("failures", entry.failures());
        }
        if (entry.notBefore() != null) {
            node.put("notBefore", entry.notBefore().toString());
        }
        if (end.reason() != null) {
            node.put("reason", end.reason());
        }
        if (end.message() != null) {
            node.put("why", end.message());
        }
        if (!end.averages().isEmpty()) {
            var averages = node.putArray("averages");
            end.averages().forEach(average -> {
                if (Double.isFinite(average)) {
                    averages.add(average);
                } else {
                    averages.addNull();
                }
            });
        }
        return node;
    }

    private static TrialEntry entry(JsonNode node) {
        List<Double> averages = new ArrayList<>();
        node.path("averages").forEach(average -> averages.add(average.asDouble(Double.NaN)));
        var notBefore = node.path("notBefore").textValue();
        return new TrialEntry(
                node.path("trial").asInt(),
                node.path("parameters") instanceof ObjectNode parameters ? parameters : null,
                State.valueOf(node.path("state").asText()),
                node.path("attempt").asInt(1),
                node.path("failures").asInt(0),
                notBefore == null ? null : Instant.parse(notBefore),
                new End(
                        node.path("value").asDouble(Double.NaN),
                        node.path("reason").textValue(),
                        node.path("why").textValue(),
                        averages));
    }
}

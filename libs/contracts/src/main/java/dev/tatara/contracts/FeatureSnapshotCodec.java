package dev.tatara.contracts;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;

/** {@link FeatureSnapshot} to and from JSON. The same snapshot gives the same bytes. */
public final class FeatureSnapshotCodec {
    private FeatureSnapshotCodec() {}

    public static byte[] toJson(FeatureSnapshot snapshot) {
        try {
            return (ContractJson.MAPPER.writeValueAsString(snapshot) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a snapshot's catalog must be writable as JSON: " + snapshot, e);
        }
    }

    /**
     * Reads a catalog.
     *
     * @throws StepResultCodec.MalformedResultException if the bytes are no catalog of a schema this version knows
     */
    public static FeatureSnapshot fromJson(byte[] json) {
        var text = new String(json, StandardCharsets.UTF_8);
        FeatureSnapshot snapshot;
        try {
            snapshot = ContractJson.MAPPER.readValue(text, FeatureSnapshot.class);
        } catch (JsonProcessingException | NullPointerException e) {
            throw new StepResultCodec.MalformedResultException(
                    "expected the catalog of a snapshot as JSON, found: " + ContractJson.start(text), e);
        }
        if (snapshot == null || !FeatureSnapshot.SCHEMA.equals(snapshot.schema())) {
            throw new StepResultCodec.MalformedResultException(
                    "expected the catalog of a snapshot of schema " + FeatureSnapshot.SCHEMA + ", found: "
                            + ContractJson.start(text),
                    null);
        }
        return snapshot;
    }
}

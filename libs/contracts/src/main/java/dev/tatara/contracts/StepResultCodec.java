package dev.tatara.contracts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** {@link StepResult} to and from compact JSON. Fields that a newer writer added are passed over. */
public final class StepResultCodec {
    private static final ObjectMapper JSON = ContractJson.MAPPER;

    private StepResultCodec() {}

    public static String toJson(StepResult<?> result) {
        try {
            return JSON.writeValueAsString(result);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a step result must be writable as JSON: " + result, e);
        }
    }

    /**
     * Reads a result whose details are of the given type.
     *
     * @throws MalformedResultException if the text is not a step result of a schema this version knows
     */
    public static <D> StepResult<D> fromJson(String json, Class<D> details) {
        StepResult<D> result;
        try {
            result = JSON.readValue(json, JSON.getTypeFactory().constructParametricType(StepResult.class, details));
        } catch (JsonProcessingException | NullPointerException e) {
            throw new MalformedResultException("expected a step result as JSON, found: " + ContractJson.start(json), e);
        }
        if (result == null || !StepResult.SCHEMA.equals(result.schema())) {
            throw new MalformedResultException(
                    "expected a step result of schema " + StepResult.SCHEMA + ", found: " + ContractJson.start(json),
                    null);
        }
        return result;
    }

    /** The text is not a contract that this version can read. */
    public static final class MalformedResultException extends RuntimeException {
        MalformedResultException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}

package dev.tatara.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** {@link StepResult} to and from compact JSON. Fields that a newer writer added are passed over. */
public final class StepResultCodec {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

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
            throw new MalformedResultException("expected a step result as JSON, found: " + start(json), e);
        }
        if (result == null || !StepResult.SCHEMA.equals(result.schema())) {
            throw new MalformedResultException(
                    "expected a step result of schema " + StepResult.SCHEMA + ", found: " + start(json), null);
        }
        return result;
    }

    private static String start(String json) {
        return json.length() <= 200 ? json : json.substring(0, 200) + "…";
    }

    /** The text is not a step result that this version can read. */
    public static final class MalformedResultException extends RuntimeException {
        MalformedResultException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}

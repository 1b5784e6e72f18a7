package dev.tatara.steps.notify;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.api.v1alpha1.driftpolicy.Receiver;
import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What happened, as JSON: {@code title} and whatever else there is to say. */
record Message(ObjectNode json) {
    static final ObjectMapper JSON = new ObjectMapper();

    /** Version of a webhook's body. */
    private static final String VERSION = "1";

    private static final long MAX_BYTES = 64 << 10;

    static Message read(Path file) throws StepFailure {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw invalid("more than " + MAX_BYTES + " bytes");
            }
            if (!(JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object)) {
                throw invalid("JSON of another kind");
            }
            if (object.path("title").asText("").isBlank()) {
                throw invalid("an object without one");
            }
            return new Message(object);
        } catch (JacksonException e) {
            throw invalid("no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw StepFailure.failed(
                    Reasons.INVALID_MESSAGE, "the message can't be read from " + file + ": " + e.getClass(), e);
        }
    }

    private static StepFailure invalid(String found) {
        return StepFailure.rejected(
                Reasons.INVALID_MESSAGE, "expected a message with a title, a JSON object, found " + found);
    }

    byte[] bodyFor(Receiver.Type type, String id) {
        var body =
                switch (type) {
                    case Slack -> SlackBody.of(this, id);
                    case Webhook -> json.deepCopy().put("id", id).put("version", VERSION);
                };
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The text of a field; empty where it is absent. */
    String text(String field) {
        return text(json.path(field));
    }

    static String text(JsonNode value) {
        return value.isValueNode() && !value.isNull() ? value.asText().strip() : "";
    }
}

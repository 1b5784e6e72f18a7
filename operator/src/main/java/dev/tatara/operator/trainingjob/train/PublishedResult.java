package dev.tatara.operator.trainingjob.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import java.util.Optional;

/** What our own containers in a trainer's pod say of their end, in their termination message. */
final class PublishedResult {
    private PublishedResult() {}

    /** The result in a termination message; nothing if there is none, as when the kubelet put a log's end there. */
    static Optional<StepResult<Published>> in(ContainerStateTerminated end) {
        var message = end.getMessage();
        if (message == null || message.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StepResultCodec.fromJson(message, Published.class));
        } catch (StepResultCodec.MalformedResultException e) {
            // Fetching has findings of its own, which nobody needs here.
            return withoutFindings(message);
        }
    }

    private static Optional<StepResult<Published>> withoutFindings(String message) {
        try {
            var any = StepResultCodec.fromJson(message, JsonNode.class);
            return any.outcome() == Outcome.Succeeded
                    ? Optional.empty()
                    : Optional.of(new StepResult<>(
                            any.schema(), any.step(), any.outcome(), any.reason(), any.message(), null));
        } catch (StepResultCodec.MalformedResultException e) {
            return Optional.empty();
        }
    }
}

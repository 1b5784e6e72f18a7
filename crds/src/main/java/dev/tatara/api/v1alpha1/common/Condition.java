package dev.tatara.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * One aspect of the state of an object, in the shape of metav1.Condition.
 *
 * @param type Which aspect, in CamelCase; unique among the conditions of an object.
 * @param status True, False or Unknown.
 * @param observedGeneration The metadata.generation that this condition was set upon.
 * @param lastTransitionTime When the status last changed from one value to another.
 * @param reason Why the condition has its status: one CamelCase word, for programs.
 * @param message The cause and what to do next, for people.
 */
@ApiType
public record Condition(
        @Required
        @Size(min = 1, max = 316)
        @Pattern(
                "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")
        String type,

        @Required ConditionStatus status,
        @Min(0) Long observedGeneration,

        @Required @JsonFormat(shape = JsonFormat.Shape.STRING)
        Instant lastTransitionTime,

        @Required @Size(min = 1, max = 1024) @Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
        String reason,

        @Required @JsonInclude(JsonInclude.Include.ALWAYS) @Size(max = Grammar.MESSAGE_LENGTH)
        String message) {
    /** Cuts the time to whole seconds, as metav1.Time is written, and an over-long message to what the schema admits. */
    public Condition {
        lastTransitionTime = lastTransitionTime == null ? null : lastTransitionTime.truncatedTo(ChronoUnit.SECONDS);
        message = message == null ? "" : Bounded.text(message, Grammar.MESSAGE_LENGTH);
    }

    /** Whether the status is True. */
    public boolean holds() {
        return status == ConditionStatus.True;
    }
}

package dev.tatara.steps;

import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;

/** A result in the 4096 bytes that Kubernetes keeps of a container's termination message. */
public final class TerminationMessage {
    /** Kubernetes cuts off what is longer, in the middle of a word. */
    public static final int MAX_BYTES = 4096;

    private TerminationMessage() {}

    /**
     * The result as JSON that fits, first with shorter findings, then without any, then with a shorter message.
     *
     * @param shorter the same findings in fewer bytes; nothing where they can't be cut further
     */
    public static <D> byte[] of(StepResult<D> result, Function<D, Optional<D>> shorter) {
        var current = result;
        var json = bytes(current);
        while (json.length > MAX_BYTES) {
            current = cut(current, shorter);
            json = bytes(current);
        }
        return json;
    }

    private static <D> StepResult<D> cut(StepResult<D> result, Function<D, Optional<D>> shorter) {
        var message = result.message();
        if (result.details() != null) {
            return with(result, message, shorter.apply(result.details()).orElse(null));
        }
        // A reader of half a message is better served than one of none.
        return with(result, message.substring(0, message.length() / 2) + "…", null);
    }

    private static <D> StepResult<D> with(StepResult<D> result, String message, D details) {
        return new StepResult<>(result.schema(), result.step(), result.outcome(), result.reason(), message, details);
    }

    private static byte[] bytes(StepResult<?> result) {
        return StepResultCodec.toJson(result).getBytes(StandardCharsets.UTF_8);
    }
}

package dev.tatara.api.v1alpha1.driftpolicy;

import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * Somebody who is told.
 *
 * @param name Name of the receiver.
 * @param type Slack, or a Webhook that takes JSON.
 * @param urlSecretRef Key of a Secret that holds the URL.
 */
@ApiType
public record Receiver(
        @Required @Size(min = 1, max = Grammar.LABEL_LENGTH) @Pattern(Grammar.LABEL)
        String name,

        @Required Type type,
        @Required SecretKeyReference urlSecretRef)
        implements Named {

    /** The form of what is sent. */
    @ApiEnum
    public enum Type {
        Slack,
        Webhook
    }

    /**
     * A key of a Secret in the same namespace.
     *
     * @param name Name of the Secret.
     * @param key Key in the Secret. url where absent.
     */
    @ApiType
    public record SecretKeyReference(
            @Required @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String name,

            @Size(min = 1, max = 253) @Pattern("^[-._a-zA-Z0-9]+$")
            String key) {}
}

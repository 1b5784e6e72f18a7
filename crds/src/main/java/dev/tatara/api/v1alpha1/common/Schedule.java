package dev.tatara.api.v1alpha1.common;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * When something is done again and again.
 *
 * @param cron UNIX cron expression of five fields, or a macro such as @hourly.
 * @param timeZone Time zone of the expression by its IANA name, for example Asia/Tokyo. Etc/UTC where absent.
 * @param catchUp Makes up for times that passed while nothing could run, once. False where absent.
 */
@ApiType
public record Schedule(
        @Required
        @Size(min = 5, max = 128)
        @Pattern("^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|\\S+(\\s+\\S+){4})$")
        String cron,

        @Size(min = 1, max = 64) @Pattern("^[A-Za-z0-9_+/-]+$")
        String timeZone,

        Boolean catchUp) {}

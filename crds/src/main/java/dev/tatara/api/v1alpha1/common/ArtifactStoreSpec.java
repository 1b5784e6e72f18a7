package dev.tatara.api.v1alpha1.common;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * An artifact store in place of the one the operator is set up with.
 *
 * @param uri Where artifacts are kept: s3://bucket/prefix or pvc://claim/prefix.
 * @param endpoint URL of the S3 service, where it isn't the cloud's own.
 * @param secretRef Secret with the store's credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where needed,
 *     AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL and ca.crt.
 */
@ApiType
public record ArtifactStoreSpec(
        @Required
        @Size(min = 1, max = Grammar.URI_LENGTH)
        @ValidationRule(
                value = "self.startsWith('s3://') || self.startsWith('pvc://')",
                message = "an artifact store is s3://<bucket>/<prefix> or pvc://<claim>/<prefix>: write one of these")
        String uri,

        @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern("^https?://.+$")
        String endpoint,

        LocalReference secretRef) {}

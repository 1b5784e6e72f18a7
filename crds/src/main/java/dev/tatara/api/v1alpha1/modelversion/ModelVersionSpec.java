package dev.tatara.api.v1alpha1.modelversion;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.ArtifactStoreSpec;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/**
 * What is wanted of this version of a model.
 *
 * @param model Name of the registered model; with version it says which version of which model this is. Immutable.
 * @param version Version of the model. The highest version that claims Production gets it: compared as a semantic
 *     version or number. Immutable.
 * @param source Where the file lies. Immutable.
 * @param stage The stage this version claims; status.stage is the verdict. None where absent.
 * @param metrics Metrics of the model as its training measured them, by name; gates look here, and then at what
 *     verification measured.
 * @param gates What must hold of the metrics before the version may be used.
 * @param approval Whether a person has to approve the version, and who did.
 * @param baseline Feature and prediction profile that drift is compared with.
 * @param signature What the file doesn't tell about its inputs and outputs: names of features, task, classes.
 * @param card What people should know about the model.
 * @param lineage Where the model comes from.
 * @param review How often people look at the model again.
 * @param artifactStore Artifact store for this version, in place of the operator's.
 */
@ApiType
public record ModelVersionSpec(
        @Required
        @Size(min = 1, max = 63)
        @Pattern(Grammar.MODEL_NAME)
        @ValidationRule(
                value = "self == oldSelf",
                message = "model can't change: create another ModelVersion for the other model")
        String model,

        @Required
        @Size(min = 1, max = 63)
        @Pattern(Grammar.MODEL_NAME)
        @ValidationRule(
                value = "self == oldSelf",
                message = "version can't change: create another ModelVersion for the other version")
        String version,

        @Required
        @ValidationRule(
                value = "self == oldSelf",
                message = "source can't change, since what was verified would no longer be what is named:"
                        + " create another ModelVersion with a new version")
        Source source,

        Stage stage,
        @Size(max = 64) Map<String, Double> metrics,
        @Size(max = 32) List<Gate> gates,
        Approval approval,
        Baseline baseline,
        SignatureSpec signature,
        Card card,
        Lineage lineage,
        Review review,
        ArtifactStoreSpec artifactStore) {
    public ModelVersionSpec {
        metrics = Absent.orCopy(metrics);
        gates = Absent.orCopy(gates);
    }

    /**
     * Where the file of a model lies, and how to get at it.
     *
     * @param uri URI of the ONNX file: s3://, https://, pvc://&lt;claim&gt;/&lt;path&gt; or
     *     mlflow://&lt;model&gt;/&lt;version or @alias&gt;. An alias is resolved once; MLFLOW_TRACKING_URI of the
     *     Secret says which server, else the operator's settings do.
     * @param sha256 SHA-256 of the file in 64 lower-case hexadecimal digits; other bytes are refused.
     * @param secretRef Secret with credentials for the source: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where
     *     needed, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL for s3; token, or username and password, for https;
     *     ca.crt for both. Without one, an s3 source is read with the artifact store's credentials.
     * @param serviceAccountName ServiceAccount whose workload identity may read the source, instead of a Secret.
     */
    @ApiType
    @ValidationRule(
            value = "!(has(self.secretRef) && has(self.serviceAccountName))",
            message = "expected credentials from secretRef or from serviceAccountName, found both: remove one")
    public record Source(
            @Required
            @Size(min = 1, max = Grammar.URI_LENGTH)
            @ValidationRule(
                    value = "self.startsWith('s3://') || self.startsWith('https://') || "
                            + "self.startsWith('pvc://') || self.startsWith('mlflow://')",
                    message = "a source begins with s3://, https://, pvc:// or mlflow://:"
                            + " put the file where one of these can name it")
            String uri,

            @Pattern(Grammar.SHA256) @Size(max = 64) String sha256,
            LocalReference secretRef,

            @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String serviceAccountName) {}

    /**
     * A bound that a metric must keep. A bound is the last good value.
     *
     * @param metric Name of a metric in spec.metrics or status.measurements, for example accuracy or
     *     latencyP99Millis.
     * @param min The smallest good value.
     * @param max The largest good value.
     */
    @ApiType
    @ValidationRule(value = "has(self.min) || has(self.max)", message = "a gate needs a bound: set min, max or both")
    @ValidationRule(
            value = "!(has(self.min) && has(self.max)) || self.min <= self.max",
            message = "min must not be above max: no value could pass")
    public record Gate(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String metric,

            Double min,
            Double max) {}

    /**
     * The approval of a version. Setting approvedBy takes the permission approve on modelversions, and then only to
     * one's own name.
     *
     * @param required Whether the version may be used only after somebody approved it.
     * @param approvedBy User name of the person who approved the version.
     */
    @ApiType
    public record Approval(
            Boolean required, @Size(min = 1, max = 256) String approvedBy) {}

    /**
     * A profile of features and predictions.
     *
     * @param uri Where the profile lies.
     * @param sha256 SHA-256 of the profile in 64 lower-case hexadecimal digits.
     */
    @ApiType
    public record Baseline(
            @Required @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern(Grammar.URI)
            String uri,

            @Pattern(Grammar.SHA256) @Size(max = 64) String sha256) {}

    /**
     * What an ONNX file doesn't tell about itself.
     *
     * @param task What the model does: Classification, Regression or Other. Read from the file's outputs where absent.
     * @param classes Names of the classes, in the order of the model's probabilities.
     * @param inputs Inputs whose features have names.
     */
    @ApiType
    public record SignatureSpec(
            Task task,
            @Size(max = 1000) List<@Size(max = 256) String> classes,
            @Size(max = 64) List<Input> inputs) {
        public SignatureSpec {
            classes = Absent.orCopy(classes);
            inputs = Absent.orCopy(inputs);
        }

        /**
         * The features of one input.
         *
         * @param name Name of the input in the ONNX graph.
         * @param features Features of the input, by name.
         */
        @ApiType
        public record Input(
                @Required @Size(min = 1, max = 256) String name,
                @Required @Size(min = 1, max = 1024) List<FeatureColumn> features)
                implements Named {
            public Input {
                features = Absent.orCopy(features);
            }
        }
    }

    /**
     * What people should know about a model.
     *
     * @param owner Who answers for the model: a team or a person.
     * @param description What the model predicts.
     * @param intendedUse What the model is meant for.
     * @param limitations What the model is not meant for, and where it is known to be wrong.
     */
    @ApiType
    public record Card(
            @Size(max = 256) String owner,
            @Size(max = 4096) String description,
            @Size(max = 4096) String intendedUse,
            @Size(max = 4096) String limitations) {}

    /**
     * How often people look at a model again.
     *
     * @param every The version shows ReviewDue when this long has passed since it was approved or last reviewed.
     */
    @ApiType
    public record Review(@Required @Positive TimeSpan every) {}
}

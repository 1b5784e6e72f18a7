package dev.tatara.api.v1alpha1.trainingjob;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * The data of a run: entities joined with features as they were at the time, or a table that is ready.
 *
 * @param entities Rows with entity keys, times and labels, to which features are joined.
 * @param featureViews FeatureViews that are joined to the entities.
 * @param uri A table that is ready for training, in place of entities.
 * @param secretRef Secret with credentials for uri or entities.uri.
 * @param labelColumn Column with the label, with uri.
 * @param timestampColumn Column with the time of a row, with uri.
 * @param window Only rows of this long before the run.
 * @param validation Checks of the data before anything is trained.
 * @param split How rows are divided for training, validation and test.
 */
@ApiType
@ValidationRule(
        value = "has(self.entities) != has(self.uri)",
        message = "expected exactly one of entities (to be joined with features) and uri (a table that is ready)")
@ValidationRule(
        value = "!has(self.featureViews) || has(self.entities)",
        message = "featureViews are joined to entities: name these, or remove featureViews")
@ValidationRule(
        value = "!has(self.entities) || !has(self.entities.feedback)"
                + " || has(self.featureViews) && size(self.featureViews) > 0",
        message = "entities.feedback gives keys, times and labels: name featureViews to learn from")
@ValidationRule(
        value = "!has(self.entities) || !has(self.entities.feedback) || !has(self.secretRef)",
        message = "entities.feedback is read from the artifact store: remove secretRef")
@ValidationRule(
        value = "!has(self.uri) || has(self.labelColumn)",
        message = "uri needs labelColumn, the column to learn")
public record Dataset(
        Entities entities,
        @Size(max = 32) List<ViewReference> featureViews,

        @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern(Grammar.URI)
        String uri,

        LocalReference secretRef,

        @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
        String labelColumn,

        @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
        String timestampColumn,

        @Positive TimeSpan window,
        Validation validation,
        Split split) {
    public Dataset {
        featureViews = Absent.orCopy(featureViews);
    }

    /**
     * Rows with entity keys, times and labels.
     *
     * @param uri Where the rows lie: a Parquet, CSV or JSON file.
     * @param feedback InferenceService whose feedback gives the rows, in place of uri.
     * @param timestampColumn Column with the time at which features are looked up. event_timestamp where absent.
     * @param labelColumn Column with the label.
     */
    @ApiType
    @ValidationRule(
            value = "has(self.uri) != has(self.feedback)",
            message = "expected exactly one of uri (a file of labels) and feedback (an InferenceService)")
    public record Entities(
            @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern(Grammar.URI)
            String uri,

            @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String feedback,

            @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String timestampColumn,

            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String labelColumn) {}

    /**
     * Features of one view.
     *
     * @param name Name of the FeatureView, in the same namespace.
     * @param features Features to take. All of the view where absent.
     */
    @ApiType
    public record ViewReference(
            @Required @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String name,

            @Size(max = 1024) List<@Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) String> features)
            implements Named {
        public ViewReference {
            features = Absent.orCopy(features);
        }
    }

    /**
     * Checks of the data before anything is trained.
     *
     * @param checks What must hold of the data.
     */
    @ApiType
    public record Validation(@Size(max = 128) List<DataCheck> checks) {
        public Validation {
            checks = Absent.orCopy(checks);
        }
    }

    /**
     * How rows are divided. The test rows are seen by the evaluation alone.
     *
     * @param test Share of rows for the test, from 0 to 1. 0.2 where absent.
     * @param validation Share of rows for validation while training, from 0 to 1. 0.1 where absent.
     * @param seed Seed of the division.
     * @param by Random, Time (the latest rows are the test) or Stratified by the label. Random where absent.
     */
    @ApiType
    @ValidationRule(
            value = "(has(self.test) ? self.test : 0.2) + (has(self.validation) ? self.validation : 0.1) < 1.0",
            message = "test and validation together must leave rows for training: their sum must be below 1")
    public record Split(
            @Min(value = 0, inclusive = false) @Max(value = 1, inclusive = false)
            Double test,

            @Min(0) @Max(value = 1, inclusive = false) Double validation,
            Long seed,
            By by) {

        /** How rows are divided. */
        @ApiEnum
        public enum By {
            Random,
            Time,
            Stratified
        }
    }
}

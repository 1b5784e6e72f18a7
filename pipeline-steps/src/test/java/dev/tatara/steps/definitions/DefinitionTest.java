package dev.tatara.steps.definitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.StepFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionTest {
    private static final String VIEW = """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: FeatureView
            metadata: {name: user-activity, labels: {a: b}}
            spec:
              entities: [{name: user_id, type: INT64}]
              features: [{name: logins_7d, type: INT64}]
              ttl: 1d12h
              source: {uri: "s3://raw/user_activity/*.parquet", timestampColumn: event_timestamp}
              checks: [{type: NullRatio, column: logins_7d, max: 0.05, onFailure: Block}]
            """;
    private static final String TRAINING = """
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: churn, namespace: ml}
            spec:
              model: churn
              dataset:
                entities: {uri: "s3://data/labels.parquet", labelColumn: churned}
                featureViews: [{name: user-activity}]
              hyperparameters: {learning_rate: 0.05, early_stopping: {patience: 5}}
              trainer: {image: trainer}
              evaluation: {gates: [{metric: accuracy, min: 0.85}]}
            """;

    @TempDir
    Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("definition.yaml"), text);
    }

    @Test
    void readsWhatTheApiServerTakes() throws Exception {
        var view = Definition.read(file(VIEW), "FeatureView", FeatureViewSpec.class);
        assertThat(view.namespace()).isEqualTo("default");
        assertThat(view.name()).isEqualTo("user-activity");
        assertThat(view.spec().ttl().toDuration()).isEqualTo(Duration.ofHours(36));
        assertThat(view.spec().features().getFirst().type()).isEqualTo(ValueType.INT64);
        var training = Definition.read(file(TRAINING), "TrainingJob", TrainingParts.class);
        assertThat(training.namespace()).isEqualTo("ml");
        assertThat(training.spec().evaluation().gates().getFirst().min()).isEqualTo(0.85);
        assertThat(training.spec().dataset().featureViews()).hasSize(1);
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        refuses("kind: TrainingJob\nmetadata: {name: a}\nspec: {}", "expected kind FeatureView, found TrainingJob");
        refuses("kind: FeatureView\nmetadata: {name: a}", "spec is missing");
        refuses("", "definition.yaml");
        refuses("a: [", "definition.yaml");
    }

    private void refuses(String text, String... words) throws Exception {
        var file = file(text);
        assertThatThrownBy(() -> Definition.read(file, "FeatureView", FeatureViewSpec.class))
                .isInstanceOf(StepFailure.class)
                .hasMessageContainingAll(words);
    }
}

package dev.tatara.steps.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.Column;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnNamesTest {
    private static final List<Column> ENTITIES =
            List.of(new Column("user_id", "BIGINT"), new Column("churned", "BOOLEAN"));

    private static FeatureTable view(String name, String... features) {
        return Rows.view(
                name,
                Duration.ZERO,
                Arrays.stream(features)
                        .map(feature -> Rows.feature(feature, ValueType.INT64))
                        .toList());
    }

    @Test
    void aNameThatIsUsedOnceStays() throws Exception {
        assertThat(ColumnNames.of(ENTITIES, List.of(view("users", "age"), view("shops", "size"))))
                .containsExactly(List.of("age"), List.of("size"));
    }

    @Test
    void aNameOfTwoViewsIsPrefixedInBoth() throws Exception {
        assertThat(ColumnNames.of(ENTITIES, List.of(view("users", "age", "Score"), view("shops", "score"))))
                .containsExactly(List.of("age", "users__Score"), List.of("shops__score"));
    }

    @Test
    void aNameOfTheEntitiesIsPrefixed() throws Exception {
        assertThat(ColumnNames.of(ENTITIES, List.of(view("users", "churned"))))
                .containsExactly(List.of("users__churned"));
    }

    @Test
    void whatIsAmbiguousAllTheSameIsRefused() {
        assertThatThrownBy(
                        () -> ColumnNames.of(ENTITIES, List.of(view("a", "x", "b__x"), view("b", "x"), view("c", "y"))))
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.reason()).isEqualTo("ColumnsAmbiguous"))
                .hasMessageContainingAll("feature b__x of view a", "feature x of view b", "would both be called b__x");
        assertThatThrownBy(() -> ColumnNames.of(ENTITIES, List.of(view("a", "x", "x"))))
                .hasMessageContaining("a__x");
    }
}

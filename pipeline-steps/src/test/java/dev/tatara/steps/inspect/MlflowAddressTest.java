package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.steps.StepFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MlflowAddressTest {
    @Test
    void aVersionOrAnAlias() throws StepFailure {
        assertThat(MlflowAddress.parse("mlflow://churn/3")).isEqualTo(new MlflowAddress("churn", "3", null));
        assertThat(MlflowAddress.parse("mlflow://my%20model/@champion"))
                .isEqualTo(new MlflowAddress("my model", null, "champion"))
                .hasToString("mlflow://my model/@champion");
        assertThat(MlflowAddress.isOne("mlflow://x")).isTrue();
        assertThat(MlflowAddress.isOne("s3://mlflow/x")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mlflow://churn",
                "mlflow://churn/",
                "mlflow://churn/latest",
                "mlflow://churn@champion",
                "mlflow://a/b/3",
                "mlflow:///3",
                "mlflow://churn/@",
                "mlflow://churn/3?x",
                "mlflow://a%zz/3"
            })
    void everythingElseIsExplained(String source) {
        assertThatThrownBy(() -> MlflowAddress.parse(source))
                .isInstanceOf(StepFailure.class)
                .hasMessageContaining("expected mlflow://<registered model>/<version>");
    }
}

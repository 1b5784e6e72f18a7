package dev.tatara.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.mlflow.MlflowException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "loss                 | loss",
                "train/loss           | train/loss",
                "a.b-c d_e            | a.b-c d_e",
                "f1@weighted          | f1_weighted",
                "größe                | größe",
                "ratio:x              | ratio_x",
                "/absolute//twice/    | absolute/twice",
                "../up/./here/..      | up/here",
                "...                  | ...",
                "..                   | _",
                "/                    | _",
            })
    void namesAreMadeToFit(String given, String taken) {
        assertThat(Limits.name(given)).isEqualTo(taken);
    }

    @Test
    void whatIsTooLongIsCut() {
        assertThat(Limits.name("x".repeat(300))).hasSize(Limits.NAME);
        assertThat(Limits.cut("abcdef", 6)).isEqualTo("abcdef");
        assertThat(Limits.cut("abcdefg", 6)).isEqualTo("abcde…");
        assertThat(Limits.cut("abcd🚀fg", 6)).as("no half of a character").isEqualTo("abcd…");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"mlflow:5000", "ftp://mlflow", "http://", "http://a:b@mlflow", "http://mlflow/?x=1", "http://a b"
            })
    void addressesThatAreNoneAreRefused(String address) {
        assertThatThrownBy(() -> MlflowSettings.of(address))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.Refused))
                .hasMessageNotContaining("a:b");
    }

    @Test
    void aServerMayLieBelowAPath() throws Exception {
        assertThat(MlflowSettings.of(" https://ml.example.com/mlflow/ ").server())
                .hasToString("https://ml.example.com/mlflow");
    }
}

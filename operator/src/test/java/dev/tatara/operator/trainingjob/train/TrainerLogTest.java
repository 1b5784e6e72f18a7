package dev.tatara.operator.trainingjob.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerLogTest {
    @Test
    void pairsAreFoundWhereverTheyStand() {
        var log = TrainerLog.read("""
                2026-01-01 INFO epoch=1 step=10: loss=0.75, accuracy = 0.5; val/f1=+.25
                [train] loss=7.5e-1 lr=1E-3 (auc=0.9)
                """);

        assertThat(log.metrics())
                .containsEntry("loss", 0.75)
                .containsEntry("accuracy", 0.5)
                .containsEntry("val/f1", 0.25)
                .containsEntry("lr", 0.001)
                .containsEntry("auc", 0.9)
                .hasSize(5);
        assertThat(log.progressPercent()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version=1.2.3",
                "time=12:30",
                "shape=3x4",
                "a==3",
                "a>=3",
                "a=",
                "=3",
                "a=0x10",
                "a=1f",
                "a=1e",
                "a=.",
                "a=-",
                "a=nano",
                "url=http://x",
                "name=churn"
            })
    void whatIsNoNumberIsPassedOver(String line) {
        assertThat(TrainerLog.read(line).metrics()).isEmpty();
        assertThat(TrainerLog.read(line).ignored()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "progress=0.42|42",
                "progress=42%|42",
                "progress=42|42",
                "progress=1|100",
                "progress=1%|1",
                "progress=0|0",
                "progress=1.7e3|100",
                "progress=-3|0",
                "Progress=50%|50",
                "progress=nan|",
                "progress=0.1 progress=0.9|90"
            })
    void progressIsAShareOrAPercentage(String line, Integer percent) {
        assertThat(TrainerLog.read(line).progressPercent()).isEqualTo(percent);
    }

    @Test
    void whatIsNotFiniteIsIgnoredAndCounted() {
        var log = TrainerLog.about("loss").with("loss=0.5 f1=nan\nloss=NaN\nauc=-inf\nauc=0.5\n");

        assertThat(log.metrics()).containsOnlyKeys("auc");
        assertThat(log.notNumbers()).containsExactlyInAnyOrder("f1", "loss");
        assertThat(log.ignored()).isEqualTo(3);
        assertThat(log.reports()).containsExactly(0.5, Double.NaN);
        assertThat(log.with("loss=0.25").metrics()).containsEntry("loss", 0.25);
        assertThat(log.with("loss=0.25").notNumbers()).containsExactly("f1");
    }

    @Test
    void aCurveFollowsTheTrainersSteps() {
        var log = TrainerLog.about("f1")
                .with("epoch=1 f1=0.1\nepoch=2 f1=0.2\nepoch=2 f1=0.25\n")
                .with("epoch=3 step=300 f1=0.3\nf1=0.4");

        assertThat(log.curve())
                .containsExactly(
                        new TrainerLog.Point(1, 0.1),
                        new TrainerLog.Point(2, 0.25),
                        new TrainerLog.Point(300, 0.3),
                        new TrainerLog.Point(3, 0.4));
        assertThat(log.isWhole()).isTrue();
        assertThat(log.withGap().isWhole()).isFalse();
    }

    @Test
    void coloursAndProgressBarsDoNotMatter() {
        var log = TrainerLog.read("\u001b[32mloss=0.5\u001b[0m\r 10%|█| loss=0.25\rdone");

        assertThat(log.metrics()).containsEntry("loss", 0.25).hasSize(1);
    }

    @Test
    void oneLineOfManyMebibytesDoesNoHarm() {
        var line = "a=1 " + "x".repeat(64 << 20) + " b=2";

        Assertions.assertTimeout(
                Duration.ofSeconds(10),
                () -> assertThat(TrainerLog.read(line).metrics()).containsOnlyKeys("a"));
    }

    @Test
    void linesThatWantToBeSlowAreNot() {
        for (var piece : List.of("=", " =", "a=1", "a=1 ", "1=", "= ", "\u001b[", "a=", "\n", "-=-", "a=1e")) {
            var text = piece.repeat((64 << 10) / piece.length());
            Assertions.assertTimeout(Duration.ofSeconds(5), () -> TrainerLog.read(text), piece);
        }
        var names = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            names.append('m').append(i).append("=1\n");
        }
        assertThat(TrainerLog.read(names.toString()).metrics()).hasSize(TrainerLog.MAX_NAMES);
        assertThat(TrainerLog.about("f1").with("f1=1\n".repeat(10_000)).curve()).hasSize(TrainerLog.MAX_POINTS);
        assertThat(TrainerLog.about("last").with(names + "last=7").metrics()).containsEntry("last", 7.0);
    }

    @Property(tries = 2_000)
    void anythingCanBeRead(@ForAll("output") String output) {
        var log = TrainerLog.about("f1").with(output);

        assertThat(log.metrics().values()).allMatch(Double::isFinite);
        assertThat(log.metrics().size() + log.notNumbers().size()).isLessThanOrEqualTo(TrainerLog.MAX_NAMES + 1);
        assertThat(log.curve()).hasSizeLessThanOrEqualTo(TrainerLog.MAX_POINTS);
        if (log.progressPercent() != null) {
            assertThat(log.progressPercent()).isBetween(0, 100);
        }
    }

    @Property(tries = 500)
    void itDoesNotMatterWhereAmongItsLinesALogIsCut(@ForAll("lines") List<String> lines, @ForAll int where) {
        var cut = lines.isEmpty() ? 0 : Math.floorMod(where, lines.size());
        var whole = TrainerLog.about("f1").with(String.join("\n", lines));

        assertThat(TrainerLog.about("f1")
                        .with(String.join("\n", lines.subList(0, cut)))
                        .with(String.join("\n", lines.subList(cut, lines.size()))))
                .isEqualTo(whole);
    }

    @Property(tries = 500)
    void everyNumberComesBack(@ForAll double number) {
        var log = TrainerLog.read("f1=" + number + ",");
        if (Double.isFinite(number)) {
            assertThat(log.metrics().get("f1")).isCloseTo(number, within(0.0));
        } else {
            assertThat(log.ignored()).isEqualTo(1);
        }
    }

    @Provide
    Arbitrary<String> output() {
        return Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.strings().ofMaxLength(200)),
                Tuple.of(
                        7,
                        Arbitraries.of(
                                        "f1",
                                        "loss",
                                        "progress",
                                        "step",
                                        "epoch",
                                        "=",
                                        " ",
                                        "\n",
                                        "\r",
                                        "%",
                                        "nan",
                                        "inf",
                                        "-",
                                        "+",
                                        ".",
                                        "e",
                                        "1",
                                        "0.5",
                                        "99999999999999999999",
                                        "\u001b[1m",
                                        "/",
                                        ",")
                                .list()
                                .ofMaxSize(100)
                                .map(pieces -> String.join("", pieces))));
    }

    @Provide
    Arbitrary<List<String>> lines() {
        return Arbitraries.of(
                        "f1=0.5", "epoch=1 f1=0.25", "loss=nan", "f1=inf", "progress=10%", "nothing", "step=2 f1=1")
                .list()
                .ofMaxSize(30);
    }
}

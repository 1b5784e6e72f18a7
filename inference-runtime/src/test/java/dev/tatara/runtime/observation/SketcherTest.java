package dev.tatara.runtime.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.TestModels;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.LatencyHistogram;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.Traffic;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SketcherTest {
    private static final Identity IDENTITY = new Identity("shop", "flowers", "55ab", "iris", "3", "pod", "b007");
    private static final int ROWS = 1000;

    private final Queue<Pane> closed = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Traffic> traffic = new AtomicReference<>(Traffic.none());

    private record Settings(
            Duration pane,
            double samplePercent,
            int maxColumns,
            long maxValuesPerSecond,
            Map<String, List<String>> features)
            implements RuntimeSettings.Monitoring {
        Settings() {
            this(Duration.ofHours(1), 100, 200, Long.MAX_VALUE, Map.of());
        }

        @Override
        public boolean enabled() {
            return true;
        }

        @Override
        public long maxBufferedBytes() {
            return 1;
        }
    }

    private Sketcher sketcher(ServedModel model, Settings settings, Secrecy secrecy, IntSupplier windowSeconds) {
        return new Sketcher(
                model,
                new TensorPlans(model, settings),
                settings,
                IDENTITY,
                secrecy,
                Clock.systemUTC(),
                traffic::get,
                windowSeconds,
                closed::add);
    }

    private Pane observe(String name, Settings settings, Secrecy secrecy, int repeats, OnnxValue... outputs)
            throws InterruptedException {
        try (ServedModel model = TestModels.load(name)) {
            Sketcher sketcher = sketcher(model, settings, secrecy, () -> 0);
            sketcher.start();
            RowSampler sampler = sketcher.newSampler();
            InferenceRequest request = Answers.request(model, 4, 5, 3, 1, Float.NaN, 6, 3, 5, 2);
            for (int i = 0; i < repeats; i++) {
                sampler.answered(request, Answers.of(outputs));
            }
            sketcher.stop();
            request.free();
            return closed.remove();
        }
    }

    private static OnnxValue[] iris() {
        return new OnnxValue[] {
            Answers.longs(new long[] {2}, 0, 2), Answers.floats(new long[] {2, 3}, 0.9f, 0.1f, 0, 0, 0.25f, 0.75f)
        };
    }

    private static OnnxValue[] oneRow() {
        return new OnnxValue[] {Answers.longs(new long[] {1}, 1), Answers.floats(new long[] {1, 3}, 0.1f, 0.7f, 0.2f)};
    }

    private static Secrecy open() {
        return Secrecy.of(Set.of(), Set.of(), null);
    }

    @Test
    void everyColumnIsCountedExactly() throws InterruptedException {
        Pane pane = observe("iris", new Settings(), open(), ROWS / 2, iris());

        assertThat(pane.rowsSeen()).isEqualTo(ROWS);
        assertThat(pane.rowsSampled()).isEqualTo(ROWS);
        assertThat(pane.columns().stream().map(Column::name))
                .containsExactly(
                        "X[0]",
                        "X[1]",
                        "X[2]",
                        "X[3]",
                        "label",
                        "probabilities[0]",
                        "probabilities[1]",
                        "probabilities[2]");
        NumberSketch first = numbers(pane, Role.Feature, "X[0]");
        assertThat(first.mean()).isCloseTo(5.5, within(1e-9));
        assertThat(first.distinct()).hasValueSatisfying(values -> assertThat(values)
                .containsExactly(Map.entry(5.0, ROWS / 2L), Map.entry(6.0, ROWS / 2L)));
        assertThat(numbers(pane, Role.Feature, "X[3]").missing()).isEqualTo(ROWS / 2);
        assertThat(numbers(pane, Role.Prediction, "probabilities[2]").max()).isEqualTo(0.75);
        CategorySketch label = (CategorySketch)
                pane.column(Role.Prediction, "label").orElseThrow().sketch();
        assertThat(label.top(3))
                .containsExactly(
                        new CategorySketch.Frequency("0", ROWS / 2, ROWS / 2),
                        new CategorySketch.Frequency("2", ROWS / 2, ROWS / 2));
    }

    @Test
    void whatWasAskedBeforeThePaneBeganIsNotInIt() throws InterruptedException {
        LatencyHistogram latency = new LatencyHistogram();
        latency.record(5_000_000);
        traffic.set(new Traffic(10, 3, 2, latency));
        try (ServedModel model = TestModels.load("iris")) {
            Settings settings = new Settings();
            Sketcher sketcher = sketcher(model, settings, open(), () -> 0);
            sketcher.start();
            LatencyHistogram later = latency.copy();
            later.record(80_000_000);
            traffic.set(new Traffic(14, 4, 3, later));
            sketcher.stop();
            assertThat(sketcher.hasRest()).isFalse();
            traffic.set(new Traffic(15, 5, 3, later));
            sketcher.closeRest();
            sketcher.closeRest();
        }
        Pane first = closed.remove();
        Traffic seen = first.traffic();
        assertThat(List.of(
                        seen.requests(),
                        seen.failed(),
                        seen.throttled(),
                        seen.latency().count()))
                .containsExactly(4L, 1L, 1L, 1L);
        assertThat(seen.latency().quantile(1).toMillis()).isBetween(77L, 83L);
        assertThat(first.origin().last()).isTrue();
        Pane rest = closed.remove();
        assertThat(rest.origin().sequence()).isEqualTo(1);
        assertThat(rest.traffic().failed()).as("though no row was answered").isEqualTo(1);
        assertThat(closed).isEmpty();
    }

    private static NumberSketch numbers(Pane pane, Role role, String name) {
        return (NumberSketch) pane.column(role, name).orElseThrow().sketch();
    }

    @Test
    void rowsAreSampledAndAllAreCounted() throws InterruptedException {
        Settings tenth = new Settings(Duration.ofHours(1), 10, 200, Long.MAX_VALUE, Map.of());
        Pane pane = observe("iris", tenth, open(), 10_000, iris());

        assertThat(pane.rowsSeen()).isEqualTo(20_000);
        assertThat(pane.rowsSampled()).isBetween(1_600L, 2_400L);
        assertThat(numbers(pane, Role.Feature, "X[0]").mean()).isCloseTo(5.5, within(0.06));
        assertThat(numbers(pane, Role.Feature, "X[0]").count()).isEqualTo(pane.rowsSampled());
    }

    @Test
    void noneIsSampledIfNoneIsWanted() throws InterruptedException {
        Pane pane = observe(
                "iris", new Settings(Duration.ofHours(1), 0, 200, Long.MAX_VALUE, Map.of()), open(), 10, iris());

        assertThat(pane.rowsSeen()).isEqualTo(20);
        assertThat(pane.rowsSampled()).isZero();
        assertThat(pane.columns()).isEmpty();
    }

    @Test
    void namesAreTheUsersAndSecretsStaySecret() throws InterruptedException {
        Settings named =
                new Settings(Duration.ofHours(1), 100, 200, Long.MAX_VALUE, Map.of("X", List.of("a", "b", "c", "d")));
        Secrecy secrecy = Secrecy.of(
                Set.of("b", "probabilities"),
                Set.of("c", "label"),
                "sixteen bytes or more".getBytes(StandardCharsets.UTF_8));
        Pane pane = observe("iris", named, secrecy, 10, iris());

        assertThat(pane.columns().stream().map(Column::name)).containsExactly("a", "d", "label");
        CategorySketch label = (CategorySketch)
                pane.column(Role.Prediction, "label").orElseThrow().sketch();
        assertThat(label.top(3)).hasSize(2).allMatch(category -> category.value()
                .matches("[0-9a-f]{32}"));
    }

    @Test
    void columnsThatAreTooManyShareASketch() throws InterruptedException {
        Settings narrow = new Settings(Duration.ofHours(1), 100, 2, Long.MAX_VALUE, Map.of());
        Pane pane = observe("iris", narrow, open(), 10, iris());

        assertThat(pane.columns().stream().map(Column::name)).containsExactly("X", "label", "probabilities");
        assertThat(numbers(pane, Role.Feature, "X").count()).isEqualTo(80);
        assertThat(numbers(pane, Role.Prediction, "probabilities").count()).isEqualTo(60);
    }

    @Test
    void namesTellHowManyColumnsThereAre() throws InterruptedException {
        Settings named =
                new Settings(Duration.ofHours(1), 100, 200, Long.MAX_VALUE, Map.of("x", List.of("a", "b", "c", "d")));
        OnnxValue answer = Answers.floats(new long[] {2, 2}, 0.9f, 0.1f, 0.25f, 0.75f);

        assertThat(observe("identity-fp32", named, open(), 10, answer).columns().stream()
                        .map(Column::name))
                .containsExactly("a", "b", "c", "d", "y[0]", "y[1]", "y.class");
        assertThat(observe("identity-fp32", new Settings(), open(), 10, answer).columns().stream()
                        .map(Column::name))
                .containsExactly("x", "y[0]", "y[1]", "y.class");
    }

    @Test
    void mapsOfProbabilitiesAreColumnsByClass() throws InterruptedException {
        OnnxValue classes = Answers.longs(new long[] {3}, 0, 1, 2);
        Pane pane = observe(
                "iris-zipmap",
                new Settings(),
                open(),
                10,
                Answers.longs(new long[] {2}, 0, 2),
                new OnnxValue.Sequence(List.of(
                        new OnnxValue.Mapping(classes, Answers.floats(new long[] {3}, 0.9f, 0.1f, 0)),
                        new OnnxValue.Mapping(classes, Answers.floats(new long[] {3}, 0, 0.25f, 0.75f)))));

        List<String> names = pane.columns().stream().map(Column::name).toList();
        assertThat(names).hasSize(8);
        assertThat(names.getLast()).endsWith("[2]");
        assertThat(pane.columns().getLast().sketch().count()).isEqualTo(20);
    }

    @Test
    void floodsAreSampledMoreThinly() throws InterruptedException {
        Settings little = new Settings(Duration.ofHours(1), 100, 200, 1_000, Map.of());
        try (ServedModel model = TestModels.load("iris")) {
            Sketcher sketcher = sketcher(model, little, open(), () -> 0);
            sketcher.start();
            RowSampler sampler = sketcher.newSampler();
            InferenceRequest request = Answers.request(model, 4, 5, 3, 1, 0);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollDelay(Duration.ZERO)
                    .until(() -> {
                        for (int i = 0; i < 10_000; i++) {
                            sampler.answered(request, Answers.of(iris()));
                        }
                        return sketcher.stride() > 10;
                    });
            sketcher.stop();
            request.free();
            Pane pane = closed.remove();
            assertThat(pane.rowsSeen()).isGreaterThanOrEqualTo(10_000);
            assertThat(pane.rowsSampled()).isBetween(1L, pane.rowsSeen());
            assertThat(pane.columns().getFirst().sketch().count()).isEqualTo(pane.rowsSampled());
        }
    }

    @Test
    void whatComesWhileTheThreadWaitsForACpuIsKept() throws InterruptedException {
        assertThat(withoutAThread(4_000))
                .extracting(Pane::rowsSeen, Pane::rowsSampled)
                .containsExactly(4_000L, 4_000L);

        Pane far = withoutAThread(40_000);
        assertThat(far.rowsSeen()).isEqualTo(40_000);
        assertThat(far.rowsSampled()).as("memory is bounded").isBetween(4_000L, 20_000L);
    }

    private Pane withoutAThread(int rows) throws InterruptedException {
        Settings settings = new Settings();
        try (ServedModel model = TestModels.load("iris")) {
            Sketcher sketcher = sketcher(model, settings, open(), () -> 0);
            RowSampler sampler = sketcher.newSampler();
            InferenceRequest request = Answers.request(model, 4, 5, 3, 1, 0);
            OnnxValue[] outputs = oneRow();
            for (int i = 0; i < rows; i++) {
                sampler.answered(request, Answers.of(outputs));
            }
            sketcher.stop();
            request.free();
            return closed.remove();
        }
    }

    /** A candidate's answers are compared with stable's by these. */
    @Test
    void predictionsAreSketchedByWindowWhileSomebodyRoutes() throws InterruptedException {
        AtomicInteger seconds = new AtomicInteger();
        try (ServedModel model = TestModels.load("iris")) {
            Settings settings = new Settings();
            Sketcher sketcher = sketcher(model, settings, open(), seconds::get);
            sketcher.start();
            RowSampler sampler = sketcher.newSampler();
            InferenceRequest request = Answers.request(model, 4, 5, 3, 1, 0);
            OnnxValue[] outputs = oneRow();
            sampler.answered(request, Answers.of(outputs));
            assertThat(sketcher.predictions(0)).isEmpty();
            seconds.set(3600);
            sampler.answered(request, Answers.of(outputs));
            sampler.answered(request, Answers.of(outputs));
            SortedMap<Instant, List<Column>> windows = sketcher.predictions(0);
            assertThat(windows.values().stream().flatMap(List::stream).filter(column -> column.role() == Role.Feature))
                    .isEmpty();
            Map<String, Long> counts = windows.values().stream()
                    .flatMap(List::stream)
                    .collect(Collectors.groupingBy(Column::name, Collectors.summingLong(column -> column.sketch()
                            .count())));
            assertThat(counts).isNotEmpty().allSatisfy((name, count) -> assertThat(count)
                    .isEqualTo(2));
            assertThat(sketcher.predictions(Long.MAX_VALUE)).isEmpty();
            sketcher.stop();
        }
    }
}

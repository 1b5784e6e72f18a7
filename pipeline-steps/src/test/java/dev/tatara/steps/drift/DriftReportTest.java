package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.DriftEvaluated.Quality;
import dev.tatara.contracts.DriftEvaluated.Service;
import dev.tatara.contracts.DriftEvaluated.Verdict;
import dev.tatara.contracts.DriftEvaluated.Window;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Column;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.steps.drift.Pods.Rows;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftReportTest {
    private static final String EVIL = "<script>alert('x')</script>\"&";
    private static final String SPEC = """
            data: {defaults: {test: PSI, distance: 0.2}, quality: {maxNullRatio: 0.1}}
            prediction: {test: PSI, distance: 0.2}
            performance: [{metric: accuracy, min: 0.9}]
            """;

    @TempDir
    Path folder;

    private static Pane pane(double shift, int columns, int seed) {
        var all = new ArrayList<Column>();
        for (int i = 0; i < columns; i++) {
            var numbers = new NumberSketch();
            for (int row = 0; row < 1500; row++) {
                numbers.update(((row * 31 + i) % 997) / 100.0 + shift);
            }
            all.add(new Column(Role.Feature, "feature " + i, numbers));
        }
        var evil = new CategorySketch();
        var few = new NumberSketch();
        for (int row = 0; row < 1500; row++) {
            evil.update(row % 3 == 0 ? EVIL + seed : EVIL);
            few.update(row % 4);
        }
        all.add(new Column(Role.Feature, EVIL, evil));
        all.add(new Column(Role.Feature, "few", few));
        all.add(new Column(Role.Prediction, "label", evil));
        var like = Pods.pane("a", "0123456789ab", 0, Instant.EPOCH, Duration.ofMinutes(1), Rows.of(1), true);
        return new Pane(like.origin(), like.start(), like.end(), 1, 1500, 1500, like.traffic(), all);
    }

    private static DriftEvaluated evaluated(double share, Instant end) {
        return new DriftEvaluated(
                new Window(end.minusSeconds(60), end),
                end,
                1500,
                1500,
                1,
                1,
                3,
                1,
                List.of(new Verdict(Breach.DataDrift, Judgement.Breached, EVIL)),
                share,
                "1/2",
                List.of(),
                null,
                List.of(new DriftEvaluated.Performance("accuracy", share, 100, true, EVIL)),
                new Service(10, 1.5, 0.5, 0.1),
                new Quality(1, List.of(EVIL)),
                "s3://x",
                null,
                false);
    }

    private String page(int columns, List<DriftEvaluated> before) throws Exception {
        var plan = new Workplace(folder).plan(SPEC);
        var judge = new DataJudge(plan, pane(3, columns, 1), ReferenceData.of(pane(0, columns, 2), EVIL));
        var report = new DriftReport(
                plan,
                "r",
                EVIL,
                evaluated(0.5, Instant.EPOCH),
                judge.features().columns(),
                judge.prediction().columns(),
                List.of("drift/x.bin: " + EVIL),
                before);
        return new String(report.page(), StandardCharsets.UTF_8);
    }

    @Test
    void whateverComesFromOutsideIsText() throws Exception {
        var page = page(2, List.of(evaluated(0.1, Instant.EPOCH.minusSeconds(60))));
        assertThat(page).doesNotContain("<script").contains("&lt;script&gt;alert(&#39;x&#39;)");
        // Nothing is loaded: no address in an attribute.
        assertThat(page).doesNotContainPattern("(src|href)\\s*=").doesNotContain("@import", "url(");
    }

    @Test
    void itShowsWhatWasAndWhatIs() throws Exception {
        var page = page(2, List.of(evaluated(0.1, Instant.EPOCH.minusSeconds(60))));
        assertThat(page)
                .contains(
                        "<h2>Features</h2>",
                        "<title>feature 0",
                        "<polygon",
                        "<h2>Predictions</h2>",
                        "<h2>Performance</h2>",
                        "<h2>Service</h2>",
                        "<h2>Quality</h2>",
                        "<h2>Panes that can&#39;t be read</h2>",
                        "<h2>History</h2>",
                        "1969-12-31T23:59:00Z",
                        "3 panes were lost");
        // Features that differ come before those that don't.
        assertThat(page.indexOf("<td>feature 1</td>")).isBetween(0, page.indexOf("<td>few</td>"));
    }

    @Test
    void itsSizeIsBounded() throws Exception {
        var before = IntStream.range(0, 100)
                .mapToObj(i -> evaluated(i / 100.0, Instant.EPOCH.plusSeconds(i)))
                .toList();
        var page = page(3000, before);
        assertThat(page).contains("2002 more are left out.").hasSizeLessThan(1 << 20);
        assertThat(page.split("<svg", -1)).hasSizeLessThan(30);
    }

    @Test
    void numbersThatHardlyFitAreDrawn() throws Exception {
        var before = new NumberSketch();
        var now = new NumberSketch();
        for (int i = 0; i < 100; i++) {
            before.update(-Double.MAX_VALUE + i * 1e306);
            now.update(Double.MAX_VALUE - i * 1e306);
        }
        var like = pane(0, 1, 1);
        var spec = new Workplace(folder).plan("window: {minSamples: 50}\n" + SPEC);
        var one = new Pane(
                like.origin(),
                like.start(),
                like.end(),
                1,
                100,
                100,
                like.traffic(),
                List.of(new Column(Role.Feature, "x", now)));
        var other = new Pane(
                like.origin(),
                like.start(),
                like.end(),
                1,
                100,
                100,
                like.traffic(),
                List.of(new Column(Role.Feature, "x", before)));
        var columns = new DataJudge(spec, one, ReferenceData.of(other, "it"))
                .features()
                .columns();
        var page = new String(
                new DriftReport(
                                spec,
                                "r",
                                "it",
                                evaluated(0.5, Instant.EPOCH),
                                columns,
                                List.of(),
                                List.of(),
                                List.of())
                        .page(),
                StandardCharsets.UTF_8);
        assertThat(page).contains("<svg").doesNotContain("NaN", "Infinity");
    }
}

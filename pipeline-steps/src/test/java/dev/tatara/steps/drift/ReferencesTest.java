package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.steps.drift.Pods.Rows;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferencesTest {
    private static final Duration MINUTES = Duration.ofMinutes(10);
    private static final Instant NOON = Workplace.AT;

    @TempDir
    Path folder;

    private Workplace workplace;

    @BeforeEach
    void prepare() {
        workplace = new Workplace(folder);
        workplace.pods.write("churn-a", "0123456789ab", NOON.minus(Duration.ofHours(2)), NOON, MINUTES, Rows.of(10));
    }

    private ReferenceData find(String spec) throws Exception {
        var plan = workplace.plan(spec);
        var options = workplace.options(folder.resolve("policy.yaml"));
        return new References(plan, options, workplace.files, workplace.context()).find(workplace.live());
    }

    private String write(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text).toUri().toString();
    }

    private static String profile() {
        var pane = Pods.pane("", "", 0, Instant.EPOCH, MINUTES, Rows.of(500), false);
        return "{\"schema\":\"tatara.dev/profile/v1\",\"rows\":500,\"pane\":\"%s\"}"
                .formatted(Base64.getEncoder().encodeToString(PaneFormat.write(pane)));
    }

    @Test
    void theProfileOfTheVersion() throws Exception {
        workplace.baseline(write("profile.json", profile()), null);
        assertThat(find("data: {}").pane().orElseThrow().rowsSeen()).isEqualTo(500);
        assertThat(find("reference: {baseline: ModelVersion}").words()).contains("profile", "profile.json");
    }

    @Test
    void aVersionWithoutProfileIsNoFault() throws Exception {
        var found = find("data: {}");
        assertThat(found.broken()).isFalse();
        assertThat(found.words()).contains("no profile", "spec.baseline.uri");
    }

    @Test
    void whatShouldBeThereAndIsNotIsAFault() throws Exception {
        workplace.baseline(folder.resolve("gone.json").toUri().toString(), null);
        assertThat(find("data: {}").broken()).isTrue();
        assertThat(find("data: {}").words()).contains("gone.json");

        workplace.baseline(write("profile.json", profile()), "0".repeat(64));
        assertThat(find("data: {}").words()).startsWith("DigestMismatch: expected sha256 0000");

        workplace.baseline(write("profile.json", profile().replace("v1", "v2")), null);
        assertThat(find("data: {}").words()).contains("ReferenceMalformed", "found tatara.dev/profile/v2");

        workplace.baseline(write("profile.json", profile().replaceFirst("\"pane\":\".{99}", "\"pane\":\"")), null);
        assertThat(find("data: {}").words()).contains("ReferenceMalformed");
    }

    @Test
    void aPane() throws Exception {
        var file = folder.resolve("reference.bin");
        Files.write(file, PaneFormat.write(Pods.pane("", "", 0, Instant.EPOCH, MINUTES, Rows.of(77), false)));
        assertThat(find("reference: {uri: \"%s\"}".formatted(file.toUri()))
                        .pane()
                        .orElseThrow()
                        .rowsSeen())
                .isEqualTo(77);
    }

    @Test
    void aTable() throws Exception {
        var lines = new ArrayList<>(List.of("spend_30d,tier,other,label"));
        for (int i = 0; i < 1000; i++) {
            lines.add((i % 10 == 0 ? "" : "0.1") + "," + (i % 4 == 0 ? "gold" : "plain") + "," + i + "," + i % 2);
        }
        var uri = write("reference.csv", String.join("\n", lines));
        var pane = find("reference: {uri: \"%s\"}".formatted(uri)).pane().orElseThrow();

        assertThat(pane.columns()).hasSize(3);
        var spend = (NumberSketch)
                pane.column(Role.Feature, "spend_30d").orElseThrow().sketch();
        assertThat(spend.count()).isEqualTo(1000);
        assertThat(spend.missing()).isEqualTo(100);
        assertThat(spend.max()).as("as a model of 32 bits sees it").isEqualTo(0.1f);
        var tier =
                (CategorySketch) pane.column(Role.Feature, "tier").orElseThrow().sketch();
        assertThat(tier.top(1).getFirst().lowerBound()).isEqualTo(750);
        var label = (CategorySketch)
                pane.column(Role.Prediction, "label").orElseThrow().sketch();
        assertThat(label.top(9)).hasSize(2);

        var without = write("other.csv", "a,b\n1,2\n");
        var found = find("reference: {uri: \"%s\"}".formatted(without));
        assertThat(found.broken()).isTrue();
        assertThat(found.words()).contains("none of the service's columns", "a, b");
        assertThat(find("reference: {uri: \"%s\"}".formatted(write("x.parquet", "PAR")))
                        .words())
                .contains("ReferenceMalformed");
        assertThat(find("reference: {uri: \"%s\"}".formatted(write("x.txt", "PAR")))
                        .words())
                .contains("rename the file");
    }

    @Test
    void earlierTraffic() throws Exception {
        workplace.pods.write(
                "churn-a",
                "ffffffffffff",
                NOON.minus(Duration.ofHours(26)),
                NOON.minus(Duration.ofHours(25)),
                MINUTES,
                Rows.of(7));
        assertThat(find("reference: {window: 7d}").pane().orElseThrow().rowsSeen())
                .isEqualTo(42);
        assertThat(find("reference: {window: 1h, offset: 25h}")
                        .pane()
                        .orElseThrow()
                        .rowsSeen())
                .isEqualTo(42);
        var none = find("reference: {window: 1h, offset: 7d}");
        assertThat(none.broken()).isFalse();
        assertThat(none.words())
                .isEqualTo("there are no live data from 2026-11-14T11:00:00Z to 2026-11-14T12:00:00Z to compare with:"
                        + " they come with time");
    }

    @Test
    void otherJsonIsATable() throws Exception {
        var uri = write("rows.json", "{\"spend_30d\": 1.5}\n{\"spend_30d\": 2.5}\n");
        var pane = find("reference: {uri: \"%s\"}".formatted(uri)).pane().orElseThrow();
        assertThat(pane.rowsSeen()).isEqualTo(2);
        assertThat(new String(PaneFormat.write(pane), StandardCharsets.ISO_8859_1))
                .contains("spend_30d");
    }
}

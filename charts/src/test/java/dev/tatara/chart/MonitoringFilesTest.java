package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What rules and dashboards speak of is there. */
class MonitoringFilesTest {
    static final Path RULES = Repository.CHART.resolve("files/rules/tatara.yaml");
    static final Path DASHBOARDS = Repository.CHART.resolve("files/dashboards");

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    @Test
    void everyAlertHasAdvice() {
        var headings = Repository.read(Repository.root().resolve("docs/operations/runbooks.md"))
                .lines()
                .filter(line -> line.startsWith("## "))
                .map(line -> line.substring(3))
                .collect(Collectors.toSet());

        assertThat(alerts()).isNotEmpty().allSatisfy(alert -> {
            var name = alert.path("alert").asText();
            assertThat(headings).contains(name);
            assertThat(alert.at("/annotations/runbook_url").asText())
                    .isEqualTo("docs/operations/runbooks.md#" + name.toLowerCase(Locale.ROOT));
            assertThat(alert.at("/annotations/summary").asText()).isNotBlank();
            assertThat(alert.at("/annotations/description").asText()).isNotBlank();
            assertThat(alert.at("/labels/severity").asText()).isIn("warning", "critical");
        });
        assertThat(headings)
                .containsExactlyInAnyOrderElementsOf(alerts().stream()
                        .map(alert -> alert.path("alert").asText())
                        .toList());
    }

    @Test
    void dashboardsCanBeToldApart() {
        assertThat(dashboards()).hasSize(3).allSatisfy(dashboard -> {
            assertThat(dashboard.path("uid").asText()).startsWith("tatara-");
            assertThat(dashboard.at("/panels").findValuesAsText("id")).doesNotHaveDuplicates();
            assertThat(dashboard.findValuesAsText("uid").stream().skip(1)).allMatch("${datasource}"::equals);
        });
        assertThat(dashboards().stream().map(dashboard -> dashboard.path("uid").asText()))
                .doesNotHaveDuplicates();
    }

    static List<JsonNode> alerts() {
        return tree(RULES).findValues("rules").stream()
                .flatMap(rules -> Stream.iterate(0, index -> index < rules.size(), index -> index + 1)
                        .map(rules::get))
                .toList();
    }

    private static List<JsonNode> dashboards() {
        return Repository.in(DASHBOARDS, ".json").stream()
                .map(MonitoringFilesTest::tree)
                .toList();
    }

    private static JsonNode tree(Path file) {
        return SERIALIZATION.convertValue(SERIALIZATION.unmarshal(Repository.read(file), Object.class), JsonNode.class);
    }
}

package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What rules and dashboards speak of is there: the metrics in the code, the advice in the documentation. */
class MonitoringFilesTest {
    static final Path RULES = Repository.CHART.resolve("files/rules/tatara.yaml");
    static final Path DASHBOARDS = Repository.CHART.resolve("files/dashboards");

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    /** What stands in an expression besides names of metrics, in the order in which it is taken out. */
    private static final List<String> NO_METRICS = List.of(
            "\"[^\"]*\"",
            "\\{[^}]*}",
            "\\[[^]]*]",
            "\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)",
            "\\b[a-z_]+\\s*\\(",
            "\\boffset\\s+\\w+",
            "\\b(and|or|unless|bool)\\b",
            "(?<![\\w:])[0-9][0-9.e]*");

    /** Of Grafana's units those that are used: seconds, counts, per second, shares, bytes. */
    private static final Set<String> UNITS = Set.of("s", "short", "ops", "cps", "reqps", "percentunit", "bytes");

    private static final Set<String> BUILT_IN = Set.of("__rate_interval", "__all");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][\\w:]*");
    private static final Pattern LITERAL = Pattern.compile("\"([a-z][a-z0-9_.]*[a-z0-9])\"");
    private static final List<String> SUFFIXES = List.of(
            "", "_total", "_bucket", "_count", "_sum", "_seconds", "_seconds_bucket", "_seconds_count", "_seconds_sum");

    @Test
    void everyMetricIsExported() throws IOException {
        var exported = exported();

        assertThat(expressions()).isNotEmpty();
        assertThat(metrics())
                .contains("model_drift_score", "prediction_requests_total", "tatara_reconcile_seconds_bucket")
                .allSatisfy(metric -> assertThat(SUFFIXES)
                        .as("code that exports %s", metric)
                        .anyMatch(suffix -> metric.endsWith(suffix)
                                && exported.contains(metric.substring(0, metric.length() - suffix.length()))));
    }

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

    /** The parts of Grafana's own schema of dashboards that these files touch. */
    @Test
    void dashboardsAreWhatGrafanaReads() {
        assertThat(dashboards()).allSatisfy(dashboard -> {
            assertThat(dashboard.path("schemaVersion").isInt()).isTrue();
            assertThat(dashboard.at("/annotations/list").isArray()).isTrue();
            assertThat(dashboard.at("/time/from").asText()).isNotBlank();
            assertThat(dashboard.at("/templating/list")).allSatisfy(variable -> {
                assertThat(variable.path("name").asText()).isNotBlank();
                assertThat(variable.path("type").asText()).isIn("datasource", "query");
                assertThat(variable.path("query").isTextual()).isTrue();
            });
            assertThat(dashboard.path("panels")).isNotEmpty().allSatisfy(panel -> {
                assertThat(panel.path("type").asText()).isEqualTo("timeseries");
                assertThat(panel.path("title").asText()).isNotBlank();
                assertThat(panel.at("/fieldConfig/defaults/unit").asText()).isIn(UNITS);
                assertThat(panel.at("/options/legend"))
                        .isEqualTo(tree("---\ncalcs: []\ndisplayMode: list\nplacement: bottom\nshowLegend: true"));
                assertThat(panel.at("/options/tooltip")).isEqualTo(tree("---\nmode: multi\nsort: desc"));
                assertThat(panel.path("targets")).isNotEmpty();
                assertThat(panel.findValuesAsText("refId")).doesNotHaveDuplicates();
            });
            assertThat(variablesUsed(dashboard))
                    .isSubsetOf(Stream.concat(
                                    BUILT_IN.stream(),
                                    dashboard.at("/templating/list").findValuesAsText("name").stream())
                            .toList());
            assertThat(cells(dashboard)).as("places of panels").doesNotHaveDuplicates();
        });
    }

    private static Set<String> variablesUsed(JsonNode dashboard) {
        return VARIABLE.matcher(dashboard.toString())
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    /** Each cell of the grid that is 24 wide, as often as a panel covers it. */
    private static List<String> cells(JsonNode dashboard) {
        var cells = new ArrayList<String>();
        for (var panel : dashboard.path("panels")) {
            var place = panel.path("gridPos");
            assertThat(place.path("w").asInt()).isPositive();
            assertThat(place.path("h").asInt()).isPositive();
            assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    cells.add((place.path("x").asInt() + x) + "/"
                            + (place.path("y").asInt() + y));
                }
            }
        }
        return cells;
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

    private static List<String> expressions() {
        return Stream.concat(
                        alerts().stream().map(alert -> alert.path("expr").asText()),
                        dashboards().stream()
                                .flatMap(dashboard -> Stream.concat(
                                        dashboard.findValuesAsText("expr").stream(),
                                        dashboard.findValuesAsText("query").stream()
                                                .filter(query -> query.startsWith("label_values"))
                                                .map(query -> query.replaceFirst(",\\s*\\w+\\)$", ")")))))
                .toList();
    }

    private static Set<String> metrics() {
        var metrics = new TreeSet<String>();
        for (var expression : expressions()) {
            var rest = expression;
            for (var other : NO_METRICS) {
                rest = rest.replaceAll(other, " ");
            }
            NAME.matcher(rest).results().forEach(match -> metrics.add(match.group()));
        }
        return metrics;
    }

    /** Names in the code that registers meters, as Prometheus sees them but for what the kind of a meter adds. */
    private static Set<String> exported() throws IOException {
        var names = new TreeSet<String>();
        for (var module : List.of("operator", "inference-runtime")) {
            try (var files = Files.walk(Repository.root().resolve(module + "/src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .map(Repository::read)
                        .filter(source -> source.contains("MeterRegistry"))
                        .forEach(source -> LITERAL.matcher(source)
                                .results()
                                .forEach(match -> names.add(match.group(1).replace('.', '_'))));
            }
        }
        return names;
    }

    private static JsonNode tree(Path file) {
        return tree(Repository.read(file));
    }

    private static JsonNode tree(String text) {
        return SERIALIZATION.convertValue(SERIALIZATION.unmarshal(text, Object.class), JsonNode.class);
    }
}

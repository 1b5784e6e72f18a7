package dev.tatara.e2e.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** The dashboards that come with the chart, as Grafana would ask Prometheus for them. */
public final class Dashboards {
    private static final Path FOLDER = Path.of("../charts/tatara/files/dashboards");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*),\\s*\\w+\\)");

    /**
     * An expression of a dashboard.
     *
     * @param where dashboard and panel, or variable
     * @param expression with the values of variables in it
     */
    public record Query(String where, String expression) {}

    private Dashboards() {}

    /** All expressions, with one namespace chosen and all that is in it. */
    public static List<Query> queries(String namespace) {
        var queries = new ArrayList<Query>();
        try (var files = Files.list(FOLDER)) {
            for (var file : files.filter(name -> name.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                addAll(queries, JSON.readTree(file.toFile()), namespace);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return queries;
    }

    private static void addAll(List<Query> queries, JsonNode dashboard, String namespace) {
        var title = dashboard.path("title").asText();
        for (var panel : dashboard.path("panels")) {
            StreamSupport.stream(panel.path("targets").spliterator(), false)
                    .map(target -> target.path("expr").asText())
                    .forEach(expression -> queries.add(
                            new Query(title + ": " + panel.path("title").asText(), withValues(expression, namespace))));
        }
        for (var variable : dashboard.at("/templating/list")) {
            var values = LABEL_VALUES.matcher(variable.path("query").asText());
            if (values.matches()) {
                queries.add(new Query(
                        title + ": $" + variable.path("name").asText(), withValues(values.group(1), namespace)));
            }
        }
    }

    private static String withValues(String expression, String namespace) {
        return expression
                .replace("$namespace", namespace)
                .replace("$__rate_interval", "1m")
                .replaceAll("\\$(service|name)\\b", ".*");
    }
}

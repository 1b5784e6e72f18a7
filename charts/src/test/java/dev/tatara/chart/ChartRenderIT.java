package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden folders: {@code render/<case>/values.yaml} and the manifests it leads to, without the
 * CustomResourceDefinitions. Run with {@code -Dtatara.golden=write} to accept what is rendered now, and read the diff.
 */
class ChartRenderIT {
    private static final String STORE = "artifactStore.uri=s3://models/tatara";

    private final KubernetesSerialization serialization = new KubernetesSerialization();

    static Stream<Path> cases() {
        return Repository.in(Repository.CASES.resolve("render"), "").stream();
    }

    static Stream<Path> refused() {
        return Repository.in(Repository.CASES.resolve("refused"), ".yaml").stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rendersAsExpected(Path folder) throws IOException {
        var rendered = Helm.template(
                        "--values", folder.resolve("values.yaml").toString(), "--set", "crds.enabled=false")
                .orFail();

        var expected = folder.resolve("expected.yaml");
        if (System.getProperty("tatara.golden", "").equals("write")) {
            Files.writeString(expected, rendered);
        }
        assertThat(rendered).isEqualTo(Repository.read(expected));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void passesLint(Path folder) {
        var output = Helm.run(List.of(
                        "lint",
                        Repository.CHART.toString(),
                        "--strict",
                        "--values",
                        folder.resolve("values.yaml").toString()))
                .orFail();

        assertThat(output).contains("0 chart(s) failed");
    }

    /** The first lines of each file, {@code # expected: …}, are what a user must read. */
    @ParameterizedTest
    @MethodSource("refused")
    void refusesWithAReason(Path values) {
        var expected = Repository.read(values)
                .lines()
                .filter(line -> line.startsWith("# expected: "))
                .map(line -> line.substring("# expected: ".length()))
                .toList();
        assertThat(expected).as("lines '# expected: ' in %s", values).isNotEmpty();

        var output = Helm.template("--values", values.toString());

        assertThat(output.status()).isNotZero();
        assertThat(output.stderr()).contains(expected);
    }

    @Test
    void keepsCustomResourceDefinitionsWhenUninstalled() {
        var manifests = definitions(sources());

        assertThat(definitions(rendered("crds.keep=false"))).isEqualTo(manifests);
        assertThat(definitions(rendered("crds.keep=true")))
                .hasSameSizeAs(manifests)
                .allSatisfy(definition -> {
                    assertThat(definition.getMetadata().getAnnotations())
                            .containsEntry("helm.sh/resource-policy", "keep");
                    definition.getMetadata().getAnnotations().remove("helm.sh/resource-policy");
                    assertThat(manifests).contains(definition);
                });
        assertThat(definitions(rendered("crds.enabled=false"))).isEmpty();
    }

    @Test
    void readsNoSecretsAndGrantsNothingByWildcard() {
        var output = rendered("crds.enabled=false");
        // But for one of its own making, in its own namespace.
        var others = Arrays.stream(output.split("(?m)^---$"))
                .filter(object -> !object.contains("name: tatara-operator-traffic-key\n"))
                .collect(Collectors.joining("---"));

        assertThat(others).doesNotContain("secrets").hasSizeLessThan(output.length());
        assertThat(output).doesNotContain("\"*\"]\n    verbs", "verbs: [\"*\"]", "verbs: ['*']");
    }

    @Test
    void theRulesAreThoseOfTheFile() {
        var rule = find(rendered("metrics.prometheusRule.enabled=true"), "PrometheusRule")
                .getFirst();
        var file = serialization.unmarshal(Repository.read(MonitoringFilesTest.RULES), Map.class);
        assertThat(rule.getAdditionalProperties().get("spec")).isEqualTo(file);

        var elsewhere = rendered(
                "metrics.prometheusRule.enabled=true,metrics.prometheusRule.runbookUrl=https://wiki.example/tatara");
        assertThat(elsewhere)
                .contains("runbook_url: https://wiki.example/tatara#highmodeldrift")
                .doesNotContain("runbooks.md");
    }

    @Test
    void theDashboardsAreThoseOfTheFiles() {
        var dashboards = find(rendered("metrics.dashboards.enabled=true"), "ConfigMap");

        assertThat(dashboards)
                .hasSize(Repository.in(MonitoringFilesTest.DASHBOARDS, ".json").size())
                .allSatisfy(map -> {
                    assertThat(map.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
                    assertThat((Map<?, ?>) map.getAdditionalProperties().get("data"))
                            .allSatisfy((file, text) -> assertThat(text + "\n")
                                    .isEqualTo(Repository.read(MonitoringFilesTest.DASHBOARDS.resolve(
                                            file.toString().replaceFirst("^tatara-", "")))));
                });
    }

    @Test
    void aTokenIsMadeWhereNoneIsNamed() {
        var tokens = Stream.generate(() -> find(rendered("alerts.enabled=true"), "Secret"))
                .limit(2)
                .map(List::getFirst)
                .map(secret -> ((Map<?, ?>) secret.getAdditionalProperties().get("data")).get("token"))
                .map(text -> new String(Base64.getDecoder().decode(text.toString()), StandardCharsets.US_ASCII))
                .toList();

        assertThat(tokens).doesNotHaveDuplicates().allMatch(token -> token.matches("[A-Za-z0-9]{48}"));
        assertThat(find(rendered("alerts.enabled=true,alerts.existingSecret=mine"), "Secret"))
                .isEmpty();
        assertThat(find(rendered("alerts.enabled=false"), "Secret")).isEmpty();
    }

    private List<GenericKubernetesResource> find(String yaml, String kind) {
        return Stream.of(yaml.split("(?m)^---$"))
                .filter(document -> document.lines().anyMatch(("kind: " + kind)::equals))
                .map(document -> serialization.unmarshal(document, GenericKubernetesResource.class))
                .toList();
    }

    private static String rendered(String setting) {
        return Helm.template("--set", STORE, "--set", setting).orFail();
    }

    private static String sources() {
        return String.join(
                "\n---\n",
                Repository.in(Repository.MANIFESTS, ".yaml").stream()
                        .map(Repository::read)
                        .toList());
    }

    private List<CustomResourceDefinition> definitions(String yaml) {
        Object parsed = serialization.unmarshal(yaml);
        var objects = parsed instanceof Collection<?> many ? many : List.of(parsed);
        return objects.stream()
                .map(HasMetadata.class::cast)
                .filter(CustomResourceDefinition.class::isInstance)
                .map(CustomResourceDefinition.class::cast)
                .peek(definition -> definition
                        .getMetadata()
                        .setAnnotations(new java.util.TreeMap<>(
                                definition.getMetadata().getAnnotations() == null
                                        ? Map.of()
                                        : definition.getMetadata().getAnnotations())))
                .toList();
    }
}

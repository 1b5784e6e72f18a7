package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.testing.CachedTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules before Prometheus' own promtool; {@code rules/*.yaml} are its tests. */
class PrometheusRulesIT {
    static List<Path> tests() {
        return Repository.in(Repository.CASES.resolve("rules"), ".yaml");
    }

    @Test
    void theRulesAreValid() throws Exception {
        assertThat(promtool("check", "rules", "--lint=all", "--lint-fatal", MonitoringFilesTest.RULES.toString()))
                .contains("SUCCESS");
    }

    @ParameterizedTest
    @MethodSource("tests")
    void theyFireWhenTheyShould(Path test) throws Exception {
        assertThat(promtool("test", "rules", test.toString())).contains("SUCCESS");
    }

    @Test
    void eachAlertIsTested() {
        var tests = tests().stream().map(Repository::read).collect(Collectors.joining());

        assertThat(MonitoringFilesTest.alerts())
                .extracting(alert -> alert.path("alert").asText())
                .allSatisfy(alert -> assertThat(tests).contains("alertname=\"" + alert + "\""));
    }

    private static String promtool(String... arguments) throws IOException, InterruptedException {
        var command =
                new ArrayList<>(List.of(CachedTool.of("prometheus", "promtool").toString()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}

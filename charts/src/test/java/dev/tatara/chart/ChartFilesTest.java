package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChartFilesTest {
    private static final Path COPIES = Repository.CHART.resolve("files/crds");

    @Test
    void carriesTheGeneratedCustomResourceDefinitions() {
        assertThat(names(COPIES))
                .as("charts/tatara/files/crds: run hack/sync-chart")
                .isEqualTo(names(Repository.MANIFESTS));
        assertThat(names(COPIES))
                .as("files that differ from crds/manifests: run hack/sync-chart")
                .filteredOn(name -> !Repository.read(COPIES.resolve(name))
                        .equals(Repository.read(Repository.MANIFESTS.resolve(name))))
                .isEmpty();
    }

    private static List<String> names(Path folder) {
        return Repository.in(folder, ".yaml").stream()
                .map(file -> file.getFileName().toString())
                .toList();
    }
}

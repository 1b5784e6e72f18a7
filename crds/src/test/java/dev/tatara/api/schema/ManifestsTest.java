package dev.tatara.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The committed manifests are what the Java types say. Rewrites them when told to. */
class ManifestsTest {
    @Test
    void committedManifestsAreTheGeneratedOnes() throws IOException {
        SortedMap<String, String> generated = Manifests.generate();
        if (Boolean.getBoolean("tatara.crds.write")) {
            write(generated);
        }
        for (Map.Entry<String, String> manifest : generated.entrySet()) {
            assertThat(committed().get(manifest.getKey()))
                    .as(
                            "crds/manifests/%s differs from the Java types; run hack/generate-crds and commit what it writes",
                            manifest.getKey())
                    .isEqualTo(manifest.getValue());
        }
        assertThat(committed().keySet())
                .as("crds/manifests has a file that no kind generates: remove it")
                .isEqualTo(generated.keySet());
    }

    @Test
    void generationIsDeterministic() {
        assertThat(Manifests.generate()).isEqualTo(Manifests.generate());
    }

    private static SortedMap<String, String> committed() throws IOException {
        SortedMap<String, String> texts = new TreeMap<>();
        if (Files.isDirectory(Manifests.FOLDER)) {
            try (var files = Files.list(Manifests.FOLDER)) {
                for (Path file : files.toList()) {
                    texts.put(file.getFileName().toString(), Files.readString(file));
                }
            }
        }
        return texts;
    }

    private static void write(Map<String, String> generated) throws IOException {
        Files.createDirectories(Manifests.FOLDER);
        for (Map.Entry<String, String> manifest : generated.entrySet()) {
            Files.writeString(Manifests.FOLDER.resolve(manifest.getKey()), manifest.getValue());
        }
    }
}

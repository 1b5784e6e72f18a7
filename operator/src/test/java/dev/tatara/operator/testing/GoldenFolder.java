package dev.tatara.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code out-*.yaml} of a case: what a decision is expected to lead to. A file too many fails like a file too few.
 * With {@code -Dtatara.golden.write=true} (within {@code -Dtatara.test.jvm}) the files are written instead of compared:
 * read their diff.
 */
public final class GoldenFolder {
    private static final boolean WRITE = Boolean.getBoolean("tatara.golden.write");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private GoldenFolder() {}

    /** Compares the outputs, by file name, with the files of the folder. */
    public static void compare(Path folder, Map<String, ?> outputs) throws IOException {
        var expected = filesOf(folder);
        if (WRITE) {
            Files.createDirectories(folder);
            for (var name : expected) {
                Files.delete(folder.resolve(name));
            }
            for (var output : outputs.entrySet()) {
                Files.writeString(folder.resolve(output.getKey()), YAML.asYaml(output.getValue()));
            }
            return;
        }
        assertThat(List.copyOf(new TreeMap<>(outputs).keySet()))
                .as("files of " + folder)
                .isEqualTo(expected);
        for (var output : outputs.entrySet()) {
            var file = folder.resolve(output.getKey());
            assertThat(YAML.asYaml(output.getValue())).as(file.toString()).isEqualTo(Files.readString(file));
        }
    }

    private static List<String> filesOf(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("out-"))
                    .sorted()
                    .toList();
        }
    }
}

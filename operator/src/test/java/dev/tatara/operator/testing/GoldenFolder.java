package dev.tatara.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.operator.kubernetes.News;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A case: what is observed ({@code in-*.yaml}) and what the decision is expected to lead to ({@code out-*.yaml}). A file
 * that nothing reads fails like one that nothing makes, and like one that isn't there. With {@code -Dtatara.golden.write=true} (within {@code -Dtatara.test.jvm}) the files are written instead of compared:
 * read their diff.
 */
public final class GoldenFolder {
    private static final boolean WRITE = Boolean.getBoolean("tatara.golden.write");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private GoldenFolder() {}

    /** The cases in a folder, by name. */
    public static Stream<String> cases(Path root) throws IOException {
        try (var folders = Files.list(root)) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    /** What is observed, by file name: objects of these kinds. */
    public static SortedMap<String, HasMetadata> inputs(Path folder, List<Class<? extends HasMetadata>> kinds)
            throws IOException {
        var inputs = new TreeMap<String, HasMetadata>();
        try (var files = Files.list(folder)) {
            for (var file : files.sorted().toList()) {
                var name = file.getFileName().toString();
                if (!name.matches("(in|out)-.+\\.yaml")) {
                    throw new AssertionError("nothing reads " + file);
                }
                if (name.startsWith("in-")) {
                    inputs.put(name, read(file, kinds));
                }
            }
        }
        return inputs;
    }

    private static HasMetadata read(Path file, List<Class<? extends HasMetadata>> kinds) throws IOException {
        var tree = YAML.<JsonNode>unmarshal(Files.readString(file), JsonNode.class);
        var kind = tree.path("kind").asText();
        var found = kinds.stream()
                .filter(candidate -> candidate.getSimpleName().equals(kind))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing reads a " + kind + ": " + file));
        return YAML.convertValue(tree, found);
    }

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

    /** Those of a kind. */
    public static <T> List<T> only(Class<T> kind, Collection<? extends HasMetadata> objects) {
        return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** An object as it is once somebody made it. */
    public static HasMetadata made(HasMetadata object, Instant at) {
        var made = YAML.clone(object);
        made.getMetadata().setUid("uid-of-" + made.getMetadata().getName());
        made.getMetadata().setCreationTimestamp(at.toString());
        return made;
    }

    /** The name of the file that says how an object is made. */
    public static String fileOf(HasMetadata object) {
        return "out-" + object.getKind() + "-" + object.getMetadata().getName() + ".yaml";
    }

    /** Objects by kind and name. */
    public static List<String> namesOf(Collection<? extends HasMetadata> objects) {
        return objects.stream()
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
    }

    /** Events in words. */
    public static List<String> wordsOf(List<? extends News.Notice<?>> news) {
        return news.stream()
                .map(notice -> notice.event().type() + " " + notice.event() + ": " + notice.note())
                .toList();
    }

    /** What objects are compared by. */
    public static JsonNode tree(Object object) {
        return YAML.convertValue(object, JsonNode.class);
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

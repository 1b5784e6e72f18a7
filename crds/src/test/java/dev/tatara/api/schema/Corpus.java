package dev.tatara.api.schema;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Objects that the API server must take or refuse, one folder per kind. {@code valid-*.yaml} holds one object. {@code
 * invalid-*.yaml} holds one object that must be refused, or two of the same name, of which the first must be taken and
 * the second refused as its update; lines {@code # expect:} at its head are parts of the message.
 */
final class Corpus {
    static final Path FOLDER = Path.of("src/test/resources/corpus");

    private static final String EXPECT = "# expect: ";

    private Corpus() {}

    /** One file of the corpus. */
    record Case(String name, List<GenericKubernetesResource> objects, List<String> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> valid() {
        return files("valid-");
    }

    static Stream<Case> invalid() {
        return files("invalid-");
    }

    private static Stream<Case> files(String prefix) {
        try (var walk = Files.walk(FOLDER)) {
            return walk
                    .filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .map(Corpus::read)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Case read(Path file) {
        try {
            String text = Files.readString(file);
            return new Case(
                    FOLDER.relativize(file).toString(),
                    Stream.of(text.split("(?m)^---$"))
                            .map(document -> Serialization.unmarshal(document, GenericKubernetesResource.class))
                            .toList(),
                    text.lines()
                            .filter(line -> line.startsWith(EXPECT))
                            .map(line -> line.substring(EXPECT.length()))
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

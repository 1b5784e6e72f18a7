package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links inside the documentation lead somewhere, headings included. */
class DocumentationTest {
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");

    static Stream<Path> pages() throws IOException {
        var root = Repository.root();
        try (var docs = Files.walk(root.resolve("docs"))) {
            var pages = docs.filter(file -> file.toString().endsWith(".md")).toList();
            return Stream.concat(
                    pages.stream(),
                    Stream.of("README.md", "CONTRIBUTING.md", "config/samples/README.md")
                            .map(root::resolve));
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void hasNoDeadLinks(Path page) {
        assertThat(links(page).filter(link -> !isAlive(page, link))).isEmpty();
    }

    private static Stream<String> links(Path page) {
        return LINK.matcher(Repository.read(page))
                .results()
                .map(match -> match.group(1))
                .filter(link -> !link.startsWith("http"));
    }

    private static boolean isAlive(Path page, String link) {
        var parts = link.split("#", 2);
        var target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
        return Files.exists(target) && (parts.length == 1 || hasHeading(target, parts[1]));
    }

    private static boolean hasHeading(Path page, String anchor) {
        return Arrays.stream(Repository.read(page).split("\n", -1))
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .anyMatch(anchor::equals);
    }
}

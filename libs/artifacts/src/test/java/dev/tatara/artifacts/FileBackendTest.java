package dev.tatara.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.artifacts.ArtifactUri.LocalFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBackendTest {
    @TempDir
    Path folder;

    private final ArtifactStore store = ArtifactStore.open(StoreSettings.defaults());

    @Test
    void whatIsPutIsDownloadedWithItsDigest() throws IOException {
        var uri = below("a/b/model.onnx");
        store.put(uri, bytes("hello"));

        var target = folder.resolve("copy");
        var digested = store.download(uri, target, 5);

        assertThat(target).hasContent("hello");
        assertThat(digested.sha256()).isEqualTo("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assertThat(store.stat(uri).sizeBytes()).isEqualTo(5);
        assertThat(store.digest(uri, 5)).isEqualTo(digested);
    }

    @Test
    void tooLargeLeavesNothingBehind() throws IOException {
        var uri = below("big");
        store.put(uri, bytes("0123456789"));
        var target = folder.resolve("copy");

        assertThatThrownBy(() -> store.download(uri, target, 9))
                .hasMessageContaining("expected at most 9 bytes")
                .hasMessageContaining("found 10 bytes");
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly("big");
        }
    }

    @Test
    void aMissingFileSaysWhere() {
        assertThatThrownBy(() -> store.read(below("nothing"), 10))
                .isInstanceOf(ArtifactException.class)
                .hasMessage("expected a file at file://" + folder + "/nothing, found none");
    }

    @Test
    void oneOfManyWinsPutIfAbsentAndItsBytesStay() throws Exception {
        var uri = below("models/x");
        var tasks = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 16; i++) {
            var content = bytes("writer " + i);
            tasks.add(() -> store.putIfAbsent(uri, content));
        }
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var wins = 0;
            for (Future<Boolean> future : executor.invokeAll(tasks)) {
                wins += future.get() ? 1 : 0;
            }
            assertThat(wins).isEqualTo(1);
        }
        assertThat(names(store.list(below("models"), null, 10))).containsExactly("x");
        assertThat(store.putIfAbsent(uri, bytes("late"))).isFalse();
        assertThat(new String(store.read(uri, 100), StandardCharsets.UTF_8)).startsWith("writer ");
    }

    @Test
    void aListIsPagedInKeyOrderWithoutUnfinishedUploads() throws IOException {
        for (var name : List.of("b/2", "a", "b/1", "c", "b-1")) {
            store.put(below("p/" + name), bytes(name));
        }
        Files.writeString(folder.resolve("p/" + FileBackend.UPLOAD_PREFIX + "killed"), "half");

        var first = store.list(below("p"), null, 2);
        var second = store.list(below("p"), first.nextAfter(), 2);
        var third = store.list(below("p"), second.nextAfter(), 2);

        assertThat(names(first)).containsExactly("a", "b-1");
        assertThat(names(second)).containsExactly("1", "2");
        assertThat(names(third)).containsExactly("c");
        assertThat(third.next()).isEmpty();
        assertThat(store.list(below("none"), null, 2).entries()).isEmpty();
    }

    @Test
    void deletingTwiceIsFine() throws IOException {
        var uri = below("x");
        store.put(uri, bytes("x"));
        store.delete(uri);
        store.delete(uri);

        assertThat(store.exists(uri)).isFalse();
    }

    @Test
    void aReaderNeverSeesHalfAFile() throws Exception {
        var uri = below("x");
        var one = bytes("1".repeat(200_000));
        var two = bytes("2".repeat(300_000));
        store.put(uri, one);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var writer = executor.submit(() -> {
                for (int i = 0; i < 50; i++) {
                    store.put(uri, i % 2 == 0 ? two : one);
                }
                return null;
            });
            do {
                assertThat(Sha256.of(store.read(uri, 1_000_000))).isIn(Sha256.of(one), Sha256.of(two));
            } while (!writer.isDone());
            writer.get();
        }
    }

    private LocalFile below(String name) {
        return new LocalFile(folder.resolve(name));
    }

    private static List<String> names(ArtifactPage page) {
        return page.entries().stream()
                .map(entry -> entry.uri().toString())
                .map(uri -> uri.substring(uri.lastIndexOf('/') + 1))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.steps.training.ArtifactFiles.Kept;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactFilesTest {
    @TempDir
    Path folder;

    private void write(String name, int bytes) throws Exception {
        var file = folder.resolve("artifacts").resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[bytes]);
    }

    private ArtifactFiles files(int mostFiles, long mostBytes) throws Exception {
        return ArtifactFiles.of(folder.resolve("artifacts"), mostFiles, mostBytes);
    }

    @Test
    void filesAreFoundInTheOrderOfTheirNames() throws Exception {
        write("plots/loss curve.png", 3);
        write("b.txt", 2);
        write("a.txt", 0);
        write(".hidden", 1);
        var files = files(10, 100);

        assertThat(files.kept().stream().map(Kept::name))
                .containsExactly(".hidden", "a.txt", "b.txt", "plots/loss curve.png");
        assertThat(files.bytes()).isEqualTo(6);
        assertThat(files.leftOut()).isZero();
    }

    @Test
    void noFolderIsFine() throws Exception {
        assertThat(files(10, 100).kept()).isEmpty();
        Files.writeString(folder.resolve("artifacts"), "a file");
        assertThat(files(10, 100).examples()).containsExactly("artifacts (no folder)");
    }

    @Test
    void beyondTheBoundsTheRestIsLeftOut() throws Exception {
        for (var i = 0; i < 20; i++) {
            write("%02d".formatted(i), 10);
        }
        assertThat(files(5, 1000).kept().stream().map(Kept::name)).containsExactly("00", "01", "02", "03", "04");
        assertThat(files(5, 1000).leftOut()).isEqualTo(15);
        assertThat(files(5, 1000).examples()).hasSize(3).allMatch(text -> text.endsWith("(more than 5 files)"));

        write("00", 1000);
        assertThat(files(100, 35).kept().stream().map(Kept::name)).containsExactly("01", "02", "03");
        assertThat(files(100, 35).examples().getFirst()).isEqualTo("00 (more than 35 bytes together)");
    }

    @Test
    void linksAndWhatIsNoFileAreLeftOut() throws Exception {
        write("a.txt", 1);
        var secret = Files.writeString(folder.resolve("secret"), "hidden");
        var artifacts = folder.resolve("artifacts");
        Files.createSymbolicLink(artifacts.resolve("b.txt"), secret);
        Files.createSymbolicLink(artifacts.resolve("loop"), artifacts);
        var pipe = new ProcessBuilder("mkfifo", artifacts.resolve("pipe").toString()).start();
        assertThat(pipe.waitFor()).isZero();
        var files = files(10, 100);

        assertThat(files.kept().stream().map(Kept::name)).containsExactly("a.txt");
        assertThat(files.examples())
                .containsExactlyInAnyOrder("b.txt (a link)", "loop (a link)", "pipe (no regular file)");
    }

    @Test
    void namesThatNoKeyShouldHaveAreLeftOut() throws Exception {
        write("fine #1 50%?.txt", 1);
        write("line\nbreak", 1);
        write("back\\slash", 1);
        write(".upload-1", 1);
        for (var i = 0; i < 10; i++) {
            write(
                    "long".repeat(20) + "/" + "x".repeat(i) + "/" + "long".repeat(45) + "/" + "long".repeat(45) + "/"
                            + "long".repeat(30) + "/y",
                    1);
        }
        var noText = new ProcessBuilder("sh", "-c", "printf x > \"$(printf 'a\\377b')\"")
                .directory(folder.resolve("artifacts").toFile())
                .start();
        assertThat(noText.waitFor()).isZero();
        var files = files(100, 100);

        assertThat(files.kept().stream().map(Kept::name)).containsExactly("fine #1 50%?.txt");
        assertThat(files.leftOut()).isEqualTo(14);
        assertThat(String.join("", files.examples())).doesNotContain("\n", "\\");
    }
}

package dev.tatara.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;

/** The commands of docs/reference/steps.md, as they stand there. */
public final class Page {
    private static final Path PAGE = Path.of("..", "docs", "reference", "steps.md");
    private static final Path APP = Path.of("target", "app");

    private Page() {}

    /** What stands in blocks of shell commands below a heading. */
    private static String commands(String heading) throws IOException {
        var commands = new ArrayList<String>();
        var isSection = false;
        var isBlock = false;
        for (var line : Files.readAllLines(PAGE)) {
            if (line.startsWith("## ")) {
                isSection = line.equals("## " + heading);
            } else if (isSection && line.equals("```sh")) {
                isBlock = true;
            } else if (line.equals("```")) {
                isBlock = false;
            } else if (isBlock) {
                commands.add(line);
            }
        }
        assertThat(commands).as("commands below " + heading).isNotEmpty();
        return String.join("\n", commands);
    }

    /** Runs them in a folder, where they must succeed. Returns what they said. */
    public static String run(String heading, Path folder) throws IOException, InterruptedException {
        var bin = Files.createDirectory(folder.resolve("bin"));
        var launcher = Files.writeString(
                bin.resolve("tatara-steps"),
                "#!/bin/sh\nexec sh '" + APP.resolve("tatara-steps").toAbsolutePath() + "' \"$@\"\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        var script = Files.writeString(folder.resolve("script"), "set -euo pipefail\n" + commands(heading));
        var said = folder.resolve("said");
        var builder = new ProcessBuilder("bash", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("PATH", bin + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("TATARA_"));
        var process = builder.start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        return Files.readString(said);
    }
}

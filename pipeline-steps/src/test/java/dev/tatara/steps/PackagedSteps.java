package dev.tatara.steps;

import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The packaged command as a process of its own, the way a Job runs it. */
public final class PackagedSteps {
    private static final Path JAR = Path.of("target", "app", "tatara-steps.jar");
    private final Path folder;
    private final Map<String, String> environment = new TreeMap<>();

    public PackagedSteps(Path folder) {
        this.folder = folder;
    }

    /** Sets a variable of the process' environment, which is otherwise without settings of ours and of AWS. */
    public PackagedSteps with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** How a run ended. */
    public record Ended(int exitCode, String output, String terminationMessage) {
        public StepResult<ModelInspection> inspection() {
            return StepResultCodec.fromJson(terminationMessage, ModelInspection.class);
        }
    }

    /** The folder that the process takes for temporary files. */
    public Path temporary() throws IOException {
        return Files.createDirectories(folder.resolve("tmp"));
    }

    public Path terminationMessage() {
        return folder.resolve("termination-log");
    }

    public Ended run(List<String> arguments) throws IOException, InterruptedException {
        var process = start(arguments);
        if (!process.waitFor(3, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("the step didn't end within three minutes: " + output());
        }
        return ended(process);
    }

    public Process start(List<String> arguments) throws IOException {
        if (!Files.isRegularFile(JAR)) {
            throw new IllegalStateException("expected the packaged command at " + JAR.toAbsolutePath()
                    + "; build it with ./mvnw package -pl pipeline-steps");
        }
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx96m",
                "-XX:ErrorFile=/dev/null",
                "-XX:-CreateCoredumpOnCrash"));
        command.add("-Djava.io.tmpdir=" + temporary());
        command.addAll(List.of("-jar", JAR.toAbsolutePath().toString()));
        command.addAll(arguments);
        command.addAll(List.of("--termination-message", terminationMessage().toString()));
        Files.deleteIfExists(terminationMessage());
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("TATARA_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    public Ended ended(Process process) throws IOException {
        var message = terminationMessage();
        return new Ended(process.exitValue(), output(), Files.exists(message) ? Files.readString(message) : "");
    }

    public String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }
}

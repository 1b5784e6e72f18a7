package dev.tatara.chart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The helm that {@code hack/tools helm} builds, or the one named by the system property {@code tatara.helm}. */
final class Helm {
    /** What a run of helm said. */
    record Output(int status, String stdout, String stderr) {
        String orFail() {
            if (status != 0) {
                throw new AssertionError("helm ended with " + status + ":\n" + stderr + stdout);
            }
            return stdout;
        }
    }

    private Helm() {}

    /** Renders the chart as release {@code tatara} in {@code tatara-system}, for the oldest Kubernetes it supports. */
    static Output template(String... arguments) {
        var command = new ArrayList<>(List.of(
                "template", "tatara", Repository.CHART.toString(), "--namespace", "tatara-system", "--kube-version"));
        command.add("1.31.0");
        command.addAll(Arrays.asList(arguments));
        return run(command);
    }

    static Output run(List<String> arguments) {
        var command = new ArrayList<>(List.of(binary().toString()));
        command.addAll(arguments);
        try {
            var errors = Files.createTempFile("helm", ".err");
            try {
                var process = new ProcessBuilder(command)
                        .redirectError(errors.toFile())
                        .start();
                process.getOutputStream().close();
                var stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Output(process.waitFor(), stdout, Files.readString(errors));
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while helm ran", e);
        }
    }

    private static Path binary() {
        var property = System.getProperty("tatara.helm", "");
        var binary = property.isBlank() ? cached() : Path.of(property);
        if (!Files.isExecutable(binary)) {
            throw new IllegalStateException(
                    "expected the program " + binary + ", found none: run hack/tools helm, or set -Dtatara.helm");
        }
        return binary;
    }

    private static Path cached() {
        var version = Repository.read(Repository.root().resolve("hack/versions.env"))
                .lines()
                .filter(line -> line.startsWith("HELM_VERSION="))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("expected HELM_VERSION in hack/versions.env"));
        var cache = System.getenv("XDG_CACHE_HOME");
        var base =
                cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return base.resolve("tatara/tools/helm-" + version + "/helm");
    }
}

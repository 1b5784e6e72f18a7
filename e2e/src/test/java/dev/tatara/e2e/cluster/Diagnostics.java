package dev.tatara.e2e.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What somebody wants to see who has to find out why a test failed, under target/diagnostics. */
final class Diagnostics {
    private static final String KINDS = "modelversions,inferenceservices,featureviews,trainingjobs,driftpolicies";
    private static final String OBJECTS =
            KINDS + ",pods,jobs,deployments,replicasets,services,endpointslices,configmaps,"
                    + "controllerrevisions,poddisruptionbudgets,horizontalpodautoscalers";

    private Diagnostics() {}

    /** Writes the files and prints the overview. */
    static void dump(Cluster cluster, TestNamespace namespace, String test) {
        var folder = Path.of(System.getProperty("e2e.diagnostics", "target/diagnostics"), test);
        Map<String, Supplier<String>> files = new LinkedHashMap<>();
        files.put("overview.txt", () -> overview(namespace));
        files.put(
                "objects.yaml",
                () -> namespace.kubectl("get", OBJECTS, "-o", "yaml").output());
        files.put(
                "describe.txt",
                () -> namespace.kubectl("describe", KINDS + ",pods,jobs").output());
        files.put("pods.log", () -> podLogs(cluster, namespace));
        files.put("operator.log", () -> cluster.operator().log(1000));
        try {
            Files.createDirectories(folder);
            for (var file : files.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), written(file.getValue()));
            }
            System.out.printf(
                    "%s failed; see %s%n%s%n", test, folder, Files.readString(folder.resolve("overview.txt")));
        } catch (IOException e) {
            System.out.printf("%s failed, and what it looked like can't be kept: %s%n", test, e);
        }
    }

    private static String overview(TestNamespace namespace) {
        return namespace.kubectl("get", KINDS + ",pods,jobs", "-o", "wide").output()
                + namespace.kubectl("get", "events", "--sort-by=.lastTimestamp").output();
    }

    private static String podLogs(Cluster cluster, TestNamespace namespace) {
        var logs = new StringBuilder();
        for (var pod : namespace.pods(Map.of())) {
            var name = pod.getMetadata().getName();
            logs.append("--- ").append(name).append('\n');
            logs.append(cluster.kubectl(List.of("--namespace", namespace.name(), "logs", name, "--tail=500"))
                    .output());
        }
        return logs.toString();
    }

    /** A part that can't be had must not hide the others. */
    private static String written(Supplier<String> part) {
        try {
            return part.get();
        } catch (RuntimeException e) {
            return "not to be had: " + e;
        }
    }
}

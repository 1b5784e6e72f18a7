package dev.tatara.steps.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.Sql;
import dev.tatara.steps.tables.TableEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Evaluations of the models that src/test/python/make_evaluations.py made, on the rows that were held back. */
final class Evaluations {
    private final Path folder;
    private final Map<String, List<String>> lists = new TreeMap<>();
    private String test;
    private String production;
    private String trainingProgress;

    Evaluations(Path folder) {
        this.folder = folder;
    }

    static Path resource(String name) {
        try {
            return Path.of(Evaluations.class.getResource("/evaluate/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What scikit-learn says of ONNX Runtime's answers, by {@code model metric}. */
    static Map<String, Double> expected() throws IOException {
        var expected = new TreeMap<String, Double>();
        for (var line :
                Files.readAllLines(resource("expected.csv")).stream().skip(1).toList()) {
            var cells = line.split(",", -1);
            expected.put(cells[0] + " " + cells[1], Double.parseDouble(cells[2]));
        }
        return expected;
    }

    /** Takes a query over the table {@code held_back}, which is a CSV file, for the test data. */
    Evaluations on(String csv, String query) throws SQLException, IOException {
        var parquet = folder.resolve("test.parquet");
        try (var engine = TableEngine.open(Files.createDirectories(folder.resolve("make")), 64L << 20, 1)) {
            engine.execute("create table held_back as from read_csv(" + Sql.file(resource(csv + ".csv")) + ")");
            engine.execute("copy (" + query + ") to " + Sql.file(parquet) + " (format parquet)");
        }
        test = parquet.toUri().toString();
        return this;
    }

    Evaluations on(String csv) throws SQLException, IOException {
        return on(csv, "from held_back");
    }

    Evaluations beside(String model) {
        production = resource(model + ".onnx").toUri().toString();
        return this;
    }

    Evaluations with(String option, String... values) {
        lists.put(option, List.of(values));
        return this;
    }

    /** Lines that the trainer said while it ran. */
    Evaluations after(String... lines) throws IOException {
        var file = Files.write(folder.resolve("progress.jsonl"), List.of(lines));
        trainingProgress = file.toUri().toString();
        return this;
    }

    /** A TrainingJob in a file. */
    Path job(String label, String evaluation) throws IOException {
        return Files.writeString(folder.resolve("training.yaml"), """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: nightly, namespace: shop}
                spec:
                  model: flowers
                  dataset: {uri: "s3://data/rows.parquet", labelColumn: %s}
                  trainer: {image: trainer}
                  evaluation: %s
                """.formatted(label, evaluation));
    }

    String test() {
        return test;
    }

    Path output() {
        return folder.resolve("out");
    }

    /** The result, of whatever outcome. */
    StepResult<Evaluated> of(String model, String label, String evaluation) throws Exception {
        var evaluator = new Evaluator(new EvaluateOptions(
                job(label, evaluation),
                resource(model + ".onnx").toUri().toString(),
                test,
                production,
                lists.get("production-features"),
                null,
                null,
                lists.get("features"),
                lists.get("not-features"),
                lists.get("classes"),
                trainingProgress,
                output().toUri().toString(),
                null));
        var said = new ByteArrayOutputStream();
        try (var store = ArtifactStore.open(StoreSettings.defaults())) {
            var context = new StepContext(
                    store,
                    ArtifactUri.parse(folder.resolve("store").toUri().toString()),
                    Files.createTempDirectory(folder, "work"),
                    new Progress(new PrintStream(said, true, StandardCharsets.UTF_8)),
                    (reason, message) -> {});
            return evaluator.run(context);
        } catch (StepFailure e) {
            return e.asResult(Evaluator.NAME);
        }
    }

    JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(output().resolve(file).toFile());
    }
}

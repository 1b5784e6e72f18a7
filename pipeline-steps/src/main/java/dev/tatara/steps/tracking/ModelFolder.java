package dev.tatara.steps.tracking;

import dev.tatara.contracts.Published.StoredFile;
import dev.tatara.mlflow.Run;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;

/** A model as a folder that MLflow's tools load: an ONNX file and what says how to load it. */
final class ModelFolder {
    /** The folder's name among a run's files. */
    static final String NAME = "model";

    static final String MODEL_FILE = "model.onnx";
    static final String DESCRIPTION_FILE = "MLmodel";
    static final String REQUIREMENTS_FILE = "requirements.txt";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private ModelFolder() {}

    /** The file {@code MLmodel}. The same run and model give the same bytes. */
    static String description(Run run, StoredFile model) {
        return """
                artifact_path: %s
                flavors:
                  onnx:
                    code: null
                    data: %s
                    providers:
                    - CPUExecutionProvider
                  python_function:
                    data: %s
                    loader_module: mlflow.onnx
                model_size_bytes: %d
                model_uuid: %s
                run_id: %s
                utc_time_created: '%s'
                """.formatted(
                        NAME,
                        MODEL_FILE,
                        MODEL_FILE,
                        model.sizeBytes(),
                        UUID.nameUUIDFromBytes(model.sha256().getBytes(StandardCharsets.US_ASCII))
                                .toString()
                                .replace("-", ""),
                        run.id(),
                        TIME.format(run.startedAt()));
    }

    /** What a Python needs to load it. */
    static String requirements() {
        return "mlflow\nonnx\nonnxruntime\n";
    }
}

package dev.tatara.steps.inspect;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.SourceOptions;
import dev.tatara.steps.options.StoreOptions;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@link ModelInspector}. */
@Command(
        name = ModelInspector.NAME,
        description = {
            "Fetches a model, compares its digest, loads it in ONNX Runtime, reads its signature, runs it on zeros,"
                    + " measures it and puts its bytes into the artifact store under models/sha256/<digest>.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The model is verified and in the store.",
            "2:Rejected: the file is at fault; the same bytes will be rejected again.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps inspect-model --source file:///tmp/model.onnx --store file:///tmp/store"
        })
public final class InspectModelCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private SourceOptions source;

    @Option(
            names = "--sha256",
            paramLabel = "HEX",
            description = "What the file's SHA-256 must be: 64 hexadecimal digits. Default: any.")
    private String sha256;

    @Option(
            names = "--max-size",
            paramLabel = "SIZE",
            defaultValue = "2Gi",
            description = "Largest file that is taken. Default: ${DEFAULT-VALUE}.")
    private ByteSize maxSize;

    @Option(
            names = "--probe-timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "Longest time for loading and running the model. Default: ${DEFAULT-VALUE}.")
    private Duration probeTimeout;

    @Option(
            names = "--mlflow-uri",
            paramLabel = "URL",
            defaultValue = "${env:MLFLOW_TRACKING_URI}",
            description = "The MLflow server of mlflow:// sources, unless the source's Secret says so under the key"
                    + " MLFLOW_TRACKING_URI. Default: the environment's MLFLOW_TRACKING_URI.")
    private String mlflowUri;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    @Override
    public Integer call() {
        var expected = sha256 == null ? null : sha256.toLowerCase(Locale.ROOT);
        if (expected != null && !expected.matches("[0-9a-f]{64}")) {
            throw new ParameterException(
                    spec.commandLine(), "--sha256: expected 64 hexadecimal digits, found: " + sha256);
        }
        var settings = source.settings(store.settings());
        var inspector = new ModelInspector(
                source.uri(),
                settings,
                new MlflowSource(
                        mlflowUri,
                        source.folder().orElse(null),
                        source.secretName().orElse(null),
                        settings),
                expected,
                maxSize.bytes(),
                probeTimeout);
        return new StepRunner<>(inspector, store, result).run();
    }
}

package dev.tatara.runtime;

import dev.tatara.onnx.OnnxRuntime;
import dev.tatara.runtime.http.ConnectionGuard;
import dev.tatara.runtime.lifecycle.LastWords;
import dev.tatara.runtime.lifecycle.ServingProcess;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.runtime.settings.SettingsCheck;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Serves the model that MODEL_URI names. */
@QuarkusMain
public final class Main implements QuarkusApplication {
    /** Loading the native library takes as long as half of Quarkus' start: both at the same time. */
    private static final CompletableFuture<OnnxRuntime> ONNX_RUNTIME = new CompletableFuture<>();

    private final ServingProcess process;
    private final RuntimeSettings settings;

    Main(ServingProcess process, RuntimeSettings settings) {
        this.process = process;
        this.settings = settings;
    }

    public static void main(String... args) {
        ConnectionGuard.enable();
        Thread.ofPlatform().name("onnxruntime-loader").daemon().start(() -> {
            try {
                ONNX_RUNTIME.complete(OnnxRuntime.open());
            } catch (RuntimeException | Error e) {
                ONNX_RUNTIME.completeExceptionally(e);
            }
        });
        Quarkus.run(
                Main.class,
                (code, failure) -> {
                    if (failure != null) {
                        // A setting that can't be read, mostly; logging may not work yet.
                        System.err.println(LastWords.leave(rootCause(failure)));
                    }
                    System.exit(code);
                },
                args);
    }

    private static String rootCause(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }

    @Override
    public int run(String... args) throws InterruptedException {
        List<String> problems = SettingsCheck.problems(settings);
        if (!problems.isEmpty()) {
            LastWords.say(String.join("; ", problems));
            return 1;
        }
        return process.run(ONNX_RUNTIME);
    }
}

package dev.tatara.steps;

import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** How a step's process ends: what it leaves behind, its last line and its exit code, also where it is stopped. */
public final class StepEnding<D> {
    private final String step;
    private final Function<D, Optional<D>> shorter;
    private final Optional<Path> terminationMessage;
    private final Progress progress;
    private final AtomicBoolean done = new AtomicBoolean();

    /** What a step does. */
    @FunctionalInterface
    public interface Work<D> {
        StepResult<D> run() throws StepFailure, IOException;
    }

    /**
     * Nothing happens yet.
     *
     * @param step the step's name
     * @param shorter the same findings in fewer bytes; nothing where they can't be cut further
     * @param terminationMessage file for the short form of the result
     */
    public StepEnding(
            String step, Function<D, Optional<D>> shorter, Optional<Path> terminationMessage, Progress progress) {
        this.step = step;
        this.shorter = shorter;
        this.terminationMessage = terminationMessage;
        this.progress = progress;
    }

    /** From now on a SIGTERM before the end leaves its words and cleans up. */
    public void watchForStop(Runnable cleanUp) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            if (done.compareAndSet(false, true)) {
                write(StepResult.failed(step, "Interrupted", "stopped before the step was done; run it again"));
                cleanUp.run();
                progress.say("stopped before the step was done");
            }
        }));
    }

    /** Does the work; a failure is a result as well. */
    public StepResult<D> attempt(Work<D> work) throws IOException {
        try {
            return work.run();
        } catch (StepFailure e) {
            return e.asResult(step);
        } catch (RuntimeException | LinkageError e) {
            // A mistake of ours, or of what the image lacks: the trace is what helps to mend it, and there is nobody
            // above who would log it.
            e.printStackTrace(System.err);
            return StepResult.failed(
                    step,
                    "InternalError",
                    "the step has a fault (%s); its log has the details, please report it".formatted(e));
        }
    }

    /** Writes what there is to say. Returns the exit code. */
    public int end(StepResult<D> result) {
        if (!done.compareAndSet(false, true)) {
            return StepRunner.EXIT_FAILED;
        }
        write(result);
        progress.say("%s: %s%s", result.outcome(), reasonIfBad(result), result.message());
        return switch (result.outcome()) {
            case Succeeded -> StepRunner.EXIT_SUCCEEDED;
            case Rejected -> StepRunner.EXIT_REJECTED;
            case Failed -> StepRunner.EXIT_FAILED;
        };
    }

    /** What remains to be read if this process dies at once. */
    void leaveLastWords(String reason, String message) {
        if (!done.get()) {
            write(StepResult.failed(step, reason, message));
        }
    }

    private static String reasonIfBad(StepResult<?> result) {
        return result.outcome() == Outcome.Succeeded ? "" : result.reason() + ": ";
    }

    private void write(StepResult<D> result) {
        if (terminationMessage.isEmpty()) {
            return;
        }
        try {
            Files.write(terminationMessage.get(), TerminationMessage.of(result, shorter));
        } catch (IOException e) {
            progress.say("the termination message can't be written to %s: %s", terminationMessage.get(), e);
        }
    }
}

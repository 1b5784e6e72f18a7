package dev.tatara.steps;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for what other threads do, and fails as they do. */
public final class Waiting {
    private Waiting() {}

    /** What the other thread found. */
    public static <T> T on(Future<T> future) throws StepFailure, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case StepFailure failure -> throw failure;
                case RuntimeException mistake -> throw mistake;
                case Error error -> throw error;
                default -> throw new IllegalStateException(e);
            }
        }
    }
}

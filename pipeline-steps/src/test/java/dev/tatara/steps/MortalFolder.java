package dev.tatara.steps;

import dev.tatara.artifacts.Digested;
import java.nio.file.Path;

/**
 * A folder whose user dies at a write: just before it, or just after it, when it was done and nobody heard of it. Nothing
 * is written after that, by whichever thread.
 */
public final class MortalFolder extends ForwardingFolder {
    private final boolean after;
    private int left;
    private boolean dead;

    public MortalFolder(StoreFolder folder, int writes, boolean after) {
        super(folder);
        this.left = writes;
        this.after = after;
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed");
        }
    }

    /** Something that may be killed. */
    @FunctionalInterface
    public interface Work {
        Object run() throws Exception;
    }

    /** Whether somebody was killed at the work. */
    public static boolean kills(Work work) throws Exception {
        try {
            work.run();
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    private interface Write<T> {
        T run() throws StepFailure;
    }

    private synchronized <T> T write(Write<T> write) throws StepFailure {
        if (dead || (left == 0 && !after)) {
            dead = true;
            throw new Killed();
        }
        var done = write.run();
        if (left-- == 0) {
            dead = true;
            throw new Killed();
        }
        return done;
    }

    @Override
    public Digested put(String key, Path file) throws StepFailure {
        return write(() -> super.put(key, file));
    }

    @Override
    public Digested put(String key, byte[] bytes) throws StepFailure {
        return write(() -> super.put(key, bytes));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        return write(() -> super.putIfAbsent(key, bytes));
    }

    @Override
    public boolean putIfAbsent(String key, Path file) throws StepFailure {
        return write(() -> super.putIfAbsent(key, file));
    }

    @Override
    public void delete(String key) throws StepFailure {
        write(() -> {
            super.delete(key);
            return true;
        });
    }
}

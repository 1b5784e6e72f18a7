package dev.tatara.steps;

import dev.tatara.artifacts.Digested;
import java.nio.file.Path;

/** A folder whose user dies at a write: just before it, or just after it, when it was done and nobody heard of it. */
public final class MortalFolder extends ForwardingFolder {
    private final boolean after;
    private int left;

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

    private <T> T write(Write<T> write) throws StepFailure {
        if (left == 0 && !after) {
            throw new Killed();
        }
        var done = write.run();
        if (left-- == 0) {
            throw new Killed();
        }
        return done;
    }

    @Override
    public Digested put(String key, Path file) throws StepFailure {
        return write(() -> super.put(key, file));
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

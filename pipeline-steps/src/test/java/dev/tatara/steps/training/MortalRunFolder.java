package dev.tatara.steps.training;

import dev.tatara.artifacts.Digested;
import dev.tatara.steps.StepFailure;
import java.nio.file.Path;
import java.util.List;

/** A folder whose user dies at a write: just before it, or just after it, when it was done and nobody heard of it. */
final class MortalRunFolder implements RunFolder {
    private final RunFolder folder;
    private final boolean after;
    private int left;

    MortalRunFolder(RunFolder folder, int writes, boolean after) {
        this.folder = folder;
        this.left = writes;
        this.after = after;
    }

    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed");
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
    public Digested put(String name, Path file) throws StepFailure {
        return write(() -> folder.put(name, file));
    }

    @Override
    public Digested digest(String name) throws StepFailure {
        return folder.digest(name);
    }

    @Override
    public List<String> list(String below) throws StepFailure {
        return folder.list(below);
    }

    @Override
    public void delete(String name) throws StepFailure {
        write(() -> {
            folder.delete(name);
            return true;
        });
    }

    @Override
    public String address(String name) {
        return folder.address(name);
    }
}

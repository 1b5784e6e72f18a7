package dev.tatara.steps.materialize;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.snapshots.SnapshotStore;
import java.nio.file.Path;
import java.util.List;

/** A store whose user dies at a write: just before it, or just after it, when it was done and nobody heard of it. */
final class MortalStore implements SnapshotStore {
    private final SnapshotStore store;
    private final boolean after;
    private int left;

    MortalStore(SnapshotStore store, int writes, boolean after) {
        this.store = store;
        this.left = writes;
        this.after = after;
    }

    static final class Killed extends RuntimeException {
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
    public List<Entry> list(String folder) throws StepFailure {
        return store.list(folder);
    }

    @Override
    public byte[] read(String key, int maxBytes) throws StepFailure {
        return store.read(key, maxBytes);
    }

    @Override
    public void download(String key, String sha256, Path file) throws StepFailure {
        store.download(key, sha256, file);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        return write(() -> store.putIfAbsent(key, bytes));
    }

    @Override
    public boolean putIfAbsent(String key, Path file) throws StepFailure {
        return write(() -> store.putIfAbsent(key, file));
    }

    @Override
    public void delete(String key) throws StepFailure {
        write(() -> {
            store.delete(key);
            return true;
        });
    }

    @Override
    public String address(String key) {
        return store.address(key);
    }
}

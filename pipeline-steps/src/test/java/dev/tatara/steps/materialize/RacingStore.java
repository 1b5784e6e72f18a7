package dev.tatara.steps.materialize;

import dev.tatara.steps.StepFailure;
import dev.tatara.steps.snapshots.SnapshotStore;
import java.nio.file.Path;
import java.util.List;

/** A store in which somebody else runs just before a catalog is written. */
record RacingStore(SnapshotStore store, Other other) implements SnapshotStore {
    /** The other one. */
    @FunctionalInterface
    interface Other {
        Object run() throws Exception;
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        try {
            other.run();
        } catch (Exception e) {
            throw new IllegalStateException("the other run must succeed", e);
        }
        return store.putIfAbsent(key, bytes);
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
    public boolean putIfAbsent(String key, Path file) throws StepFailure {
        return store.putIfAbsent(key, file);
    }

    @Override
    public void delete(String key) throws StepFailure {
        store.delete(key);
    }

    @Override
    public String address(String key) {
        return store.address(key);
    }
}

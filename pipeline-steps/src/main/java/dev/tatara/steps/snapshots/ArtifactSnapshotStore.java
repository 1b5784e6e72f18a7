package dev.tatara.steps.snapshots;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.steps.StepFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Snapshots in the artifact store. */
public record ArtifactSnapshotStore(ArtifactStore store, ArtifactUri root) implements SnapshotStore {
    private static final int PAGE = 1000;

    @Override
    public List<Entry> list(String folder) throws StepFailure {
        var prefix = root.resolve(folder);
        var found = new ArrayList<Entry>();
        String after = null;
        try {
            do {
                var page = store.list(prefix, after, PAGE);
                for (var entry : page.entries()) {
                    found.add(new Entry(folder + entry.uri().below(prefix), entry.modified()));
                }
                after = page.next().orElse(null);
            } while (after != null);
            return found;
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public byte[] read(String key, int maxBytes) throws StepFailure {
        try {
            return store.read(root.resolve(key), maxBytes);
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public void download(String key, String sha256, Path file) throws StepFailure {
        try {
            var digested = store.download(root.resolve(key), file, Long.MAX_VALUE);
            if (!digested.sha256().equals(sha256)) {
                throw StepFailure.failed(
                        Snapshots.DAMAGED,
                        "expected sha256 %s at %s, found %s: restore the file, or compute everything anew with --full"
                                .formatted(sha256, root.resolve(key), digested.sha256()),
                        null);
            }
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        try {
            return store.putIfAbsent(root.resolve(key), bytes);
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public boolean putIfAbsent(String key, Path file) throws StepFailure {
        try {
            return store.putIfAbsent(root.resolve(key), file);
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public void delete(String key) throws StepFailure {
        try {
            store.delete(root.resolve(key));
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public String address(String key) {
        return root.resolve(key).external();
    }
}

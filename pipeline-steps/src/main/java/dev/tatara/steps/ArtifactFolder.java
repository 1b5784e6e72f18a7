package dev.tatara.steps;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Digested;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A folder as it lies in the artifact store. */
public record ArtifactFolder(ArtifactStore store, ArtifactUri root) implements StoreFolder {
    private static final int PAGE = 1000;

    private interface Access<T> {
        T to(ArtifactUri uri) throws ArtifactException;
    }

    private <T> T access(String key, Access<T> access) throws StepFailure {
        try {
            return access.to(root.resolve(key));
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public List<Entry> list(String folder) throws StepFailure {
        return access(folder, prefix -> {
            var found = new ArrayList<Entry>();
            String after = null;
            do {
                var page = store.list(prefix, after, PAGE);
                for (var entry : page.entries()) {
                    found.add(new Entry(folder + entry.uri().below(prefix), entry.modified(), entry.sizeBytes()));
                }
                after = page.next().orElse(null);
            } while (after != null);
            return found;
        });
    }

    @Override
    public byte[] read(String key, int maxBytes) throws StepFailure {
        return access(key, uri -> store.read(uri, maxBytes));
    }

    @Override
    public Optional<byte[]> find(String key, int maxBytes) throws StepFailure {
        return access(key, uri -> {
            try {
                return Optional.of(store.read(uri, maxBytes));
            } catch (ArtifactException e) {
                if (e.kind() == Kind.NotFound) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    @Override
    public Digested download(String key, Path file) throws StepFailure {
        return access(key, uri -> store.download(uri, file, Long.MAX_VALUE));
    }

    @Override
    public Digested put(String key, Path file) throws StepFailure {
        return access(key, uri -> store.put(uri, file));
    }

    @Override
    public Digested put(String key, byte[] bytes) throws StepFailure {
        return access(key, uri -> store.put(uri, bytes));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        return access(key, uri -> store.putIfAbsent(uri, bytes));
    }

    @Override
    public boolean putIfAbsent(String key, Path file) throws StepFailure {
        return access(key, uri -> store.putIfAbsent(uri, file));
    }

    @Override
    public Digested digest(String key) throws StepFailure {
        return access(key, uri -> store.digest(uri, Long.MAX_VALUE));
    }

    @Override
    public void delete(String key) throws StepFailure {
        access(key, uri -> {
            // Asked first, so that who may not remove anything can do its work where nothing has to go.
            if (store.exists(uri)) {
                store.delete(uri);
            }
            return uri;
        });
    }

    @Override
    public String address(String key) {
        return root.resolve(key).external();
    }
}

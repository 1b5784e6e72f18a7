package dev.tatara.steps.training;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.Digested;
import dev.tatara.steps.StepFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A run's folder as it lies in the artifact store. */
record StoredRunFolder(ArtifactStore store, ArtifactUri root) implements RunFolder {
    private static final int PAGE = 1000;

    @Override
    public Digested put(String name, Path file) throws StepFailure {
        try {
            return store.put(root.resolve(name), file);
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public Digested digest(String name) throws StepFailure {
        try {
            return store.digest(root.resolve(name), Long.MAX_VALUE);
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public List<String> list(String folder) throws StepFailure {
        var prefix = root.resolve(folder + "/");
        var found = new ArrayList<String>();
        String after = null;
        try {
            do {
                var page = store.list(prefix, after, PAGE);
                for (var entry : page.entries()) {
                    found.add(entry.uri().below(prefix));
                }
                after = page.next().orElse(null);
            } while (after != null);
            return found;
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public void delete(String name) throws StepFailure {
        try {
            // Asked first, so that who may not remove anything can publish where nothing has to go.
            if (store.exists(root.resolve(name))) {
                store.delete(root.resolve(name));
            }
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public String address(String name) {
        return root.resolve(name).external();
    }
}

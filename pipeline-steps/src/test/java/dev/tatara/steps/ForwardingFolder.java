package dev.tatara.steps;

import dev.tatara.artifacts.Digested;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A folder that is another one, but for what a test changes. */
public class ForwardingFolder implements StoreFolder {
    private final StoreFolder folder;

    protected ForwardingFolder(StoreFolder folder) {
        this.folder = folder;
    }

    @Override
    public List<Entry> list(String below) throws StepFailure {
        return folder.list(below);
    }

    @Override
    public byte[] read(String key, int maxBytes) throws StepFailure {
        return folder.read(key, maxBytes);
    }

    @Override
    public Optional<byte[]> find(String key, int maxBytes) throws StepFailure {
        return folder.find(key, maxBytes);
    }

    @Override
    public Digested download(String key, Path file) throws StepFailure {
        return folder.download(key, file);
    }

    @Override
    public Digested put(String key, Path file) throws StepFailure {
        return folder.put(key, file);
    }

    @Override
    public Digested put(String key, byte[] bytes) throws StepFailure {
        return folder.put(key, bytes);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        return folder.putIfAbsent(key, bytes);
    }

    @Override
    public boolean putIfAbsent(String key, Path file) throws StepFailure {
        return folder.putIfAbsent(key, file);
    }

    @Override
    public Digested digest(String key) throws StepFailure {
        return folder.digest(key);
    }

    @Override
    public void delete(String key) throws StepFailure {
        folder.delete(key);
    }

    @Override
    public String address(String key) {
        return folder.address(key);
    }
}

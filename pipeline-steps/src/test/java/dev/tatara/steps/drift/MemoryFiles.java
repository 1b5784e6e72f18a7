package dev.tatara.steps.drift;

import dev.tatara.artifacts.Digested;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A store in memory. */
class MemoryFiles implements StoreFolder {
    private final NavigableMap<String, byte[]> files = new ConcurrentSkipListMap<>();

    MemoryFiles() {}

    MemoryFiles(MemoryFiles other) {
        files.putAll(other.files);
    }

    SortedMap<String, byte[]> all() {
        return files;
    }

    List<String> keys(String folder) {
        return files.keySet().stream().filter(key -> key.startsWith(folder)).toList();
    }

    @Override
    public List<Entry> list(String folder) {
        return keys(folder).stream()
                .map(key -> new Entry(key, Instant.EPOCH, files.getOrDefault(key, new byte[0]).length))
                .toList();
    }

    @Override
    public byte[] read(String key, int maxBytes) throws StepFailure {
        return find(key, maxBytes)
                .orElseThrow(() -> StepFailure.failed("StoreUnavailable", "artifact store: no " + key, null));
    }

    @Override
    public Optional<byte[]> find(String key, int maxBytes) throws StepFailure {
        return Optional.ofNullable(files.get(key));
    }

    @Override
    public Digested download(String key, Path file) throws StepFailure {
        try {
            var bytes = read(key, Integer.MAX_VALUE);
            Files.write(file, bytes);
            return new Digested("", bytes.length);
        } catch (IOException e) {
            throw StepFailure.ofWorkspace(e);
        }
    }

    @Override
    public Digested put(String key, byte[] bytes) throws StepFailure {
        files.put(key, bytes);
        return new Digested("", bytes.length);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) throws StepFailure {
        return files.putIfAbsent(key, bytes) == null;
    }

    @Override
    public void delete(String key) throws StepFailure {
        files.remove(key);
    }

    @Override
    public String address(String key) {
        return "s3://tatara/" + key;
    }

    @Override
    public Digested put(String key, Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean putIfAbsent(String key, Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Digested digest(String key) {
        throw new UnsupportedOperationException();
    }
}

package dev.tatara.e2e.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.e2e.cluster.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The snapshots of a view in the artifact store.
 *
 * @param store the object store
 * @param namespace the view's namespace
 * @param view its name
 */
public record Snapshots(ObjectStore store, String namespace, String view) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What depends on when and where a snapshot was made, not on its rows. */
    private static final Set<String> OF_ONE_RUN = Set.of("view", "intervalStart", "intervalEnd");

    private String folder() {
        return "features/" + namespace + "/" + view + "/";
    }

    /** Everything that lies there. */
    public List<String> keys() {
        return store.artifacts(folder());
    }

    public String uri(int number) {
        return ObjectStore.artifactUri(key(number));
    }

    public String sha256(int number) {
        return store.sha256(key(number));
    }

    public JsonNode catalog(int number) {
        try {
            return JSON.readTree(store.artifact(key(number)));
        } catch (IOException e) {
            throw new UncheckedIOException("expected a catalog at " + uri(number), e);
        }
    }

    /**
     * A catalog without what differs between two views of the same rows. Files are named by the digests of their bytes,
     * which are compared with the bytes here: equal catalogs mean equal bytes.
     */
    public String content(int number) {
        var catalog = (ObjectNode) catalog(number);
        catalog.remove(OF_ONE_RUN);
        for (var file : catalog.path("files")) {
            var key = file.path("key").asText();
            var digest = file.path("sha256").asText();
            assertThat(key).isEqualTo(folder() + "data/" + digest + ".parquet");
            assertThat(store.sha256(key)).as(key).isEqualTo(digest);
            ((ObjectNode) file).remove("key");
        }
        return catalog.toPrettyString();
    }

    /** Asserts that there are these catalogs and the files that they name, and nothing else. */
    public void areAllThereIs(int... numbers) {
        var expected = new TreeSet<String>();
        for (var number : numbers) {
            expected.add(key(number));
            catalog(number)
                    .path("files")
                    .forEach(file -> expected.add(file.path("key").asText()));
        }
        assertThat(keys()).containsExactlyElementsOf(expected);
    }

    private String key(int number) {
        return "%ssnapshots/%08d.json".formatted(folder(), number);
    }
}

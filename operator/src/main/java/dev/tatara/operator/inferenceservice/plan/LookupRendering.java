package dev.tatara.operator.inferenceservice.plan;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What pods are given to look features up: the views, the settings, and the Secrets that say where they lie. */
final class LookupRendering {
    /** The name of the file with the views, in the revision's ConfigMap. */
    static final String FILE = "features.json";

    private static final String FOLDER = "/tatara/secrets/features/";

    private LookupRendering() {}

    /** The file with the views; null where nothing is looked up. */
    static String file(RevisionContent content, KubernetesSerialization serialization) {
        return content.views().isEmpty() ? null : serialization.asJson(Map.of("views", content.views())) + "\n";
    }

    /** Settings by the runtime's keys. */
    static Map<String, String> settings(RevisionContent content, String configurationFolder) {
        var settings = new TreeMap<String, String>();
        if (content.views().isEmpty()) {
            return settings;
        }
        settings.put("features.file", configurationFolder + "/" + FILE);
        InferenceServiceSpec.Features asked = content.features();
        if (asked.timeout() != null) {
            settings.put("features.timeout", asked.timeout().toDuration().toString());
        }
        if (asked.onMissing() != null) {
            settings.put("features.on-missing", asked.onMissing().name().toLowerCase(Locale.ROOT));
        }
        return settings;
    }

    /**
     * What stays out of logs and sketches: what the service excludes, and features that a view calls sensitive, by either
     * name that a model may call them; unless the service has them hashed.
     */
    static List<String> excluded(RevisionContent content) {
        var logging = content.logging();
        var sensitive = content.views().stream()
                .flatMap(view -> view.features().stream()
                        .filter(feature -> Boolean.TRUE.equals(feature.sensitive()))
                        .flatMap(feature -> Stream.of(feature.name(), view.name() + "__" + feature.name())))
                .filter(name -> logging == null || !logging.hash().contains(name));
        var named = logging == null ? Stream.<String>empty() : logging.exclude().stream();
        return Stream.concat(named, sensitive).distinct().toList();
    }

    /** A Secret's name may be longer than a volume's. Optional, so that the pod itself says what is missing. */
    static List<Volume> volumes(RevisionContent content) {
        var stores = stores(content);
        return IntStream.range(0, stores.size())
                .mapToObj(number -> new VolumeBuilder()
                        .withName(volume(number))
                        .withNewSecret()
                        .withSecretName(stores.get(number))
                        .withOptional(true)
                        .endSecret()
                        .build())
                .toList();
    }

    static List<VolumeMount> mounts(RevisionContent content) {
        var stores = stores(content);
        return IntStream.range(0, stores.size())
                .mapToObj(number -> new VolumeMountBuilder()
                        .withName(volume(number))
                        .withMountPath(FOLDER + stores.get(number))
                        .withReadOnly(true)
                        .build())
                .toList();
    }

    private static List<String> stores(RevisionContent content) {
        return content.views().stream().map(LookedUpView::store).distinct().toList();
    }

    private static String volume(int number) {
        return "features-" + number;
    }
}

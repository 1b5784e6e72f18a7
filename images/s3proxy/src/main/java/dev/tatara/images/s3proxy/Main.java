package dev.tatara.images.s3proxy;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The entry point of the image: settings from the environment, runs until it is told to stop. */
public final class Main {

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /**
     * Starts the store and returns while it runs on.
     *
     * @param arguments none are taken
     * @throws Exception if the store can't start
     */
    public static void main(String[] arguments) throws Exception {
        StoreSettings settings;
        try {
            settings = StoreSettings.from(System.getenv());
        } catch (IllegalArgumentException mistake) {
            LOG.error("{}", mistake.getMessage());
            System.exit(2);
            return;
        }
        var store = ObjectStore.start(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(store), "stop"));
        LOG.info(
                "S3 store on port {}, buckets {}, objects in {}",
                store.port(),
                settings.buckets(),
                settings.folder().map(Object::toString).orElse("memory"));
    }

    private static void stop(ObjectStore store) {
        try {
            store.close();
        } catch (IOException failure) {
            LOG.warn("did not stop cleanly", failure);
        }
    }
}

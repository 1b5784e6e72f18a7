package dev.tatara.steps;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.artifacts.testing.S3Server;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command, an S3 with the buckets {@code tatara}, {@code raw} and {@code models}, and the way in. */
public abstract class S3Scene {
    protected static S3Server s3;
    /** Reads and writes all buckets. */
    protected static ArtifactStore bucket;

    @TempDir
    protected static Path shared;

    @TempDir
    protected Path folder;

    protected PackagedSteps steps;
    /** Folder with the keys to the S3, as a mounted Secret. */
    protected Path secret;

    @BeforeAll
    protected static void startS3() {
        s3 = S3Server.startWith("tatara", "raw", "models");
        bucket = ArtifactStore.open(
                StoreSettings.defaults().withCredentials(s3.writeSecret(shared.resolve("test-secret")), null));
    }

    @AfterAll
    protected static void stopS3() {
        bucket.close();
        s3.close();
    }

    @BeforeEach
    protected void prepareSteps() {
        steps = new PackagedSteps(folder);
        secret = s3.writeSecret(folder.resolve("store-secret"));
    }
}

package dev.tatara.operator.trainingjob.sweep;

import dev.tatara.api.v1alpha1.trainingjob.TrainingJob;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.StepNames;
import dev.tatara.operator.trainingjob.run.TrainingRun;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A sweep's ledger in a ConfigMap, compressed. 10,000 trials fit: where hyperparameters are so many that they wouldn't,
 * those of the oldest trials are forgotten, which then no longer guide the search.
 */
public final class LedgerMap {
    /** The file, gzipped JSON: {@code track} reads it as it is. */
    public static final String FILE = "trials.json.gz";
    /** The server admits 1 MiB, names and all. */
    static final int MAX_BYTES = 1_000_000;
    /** As much again as ten times the ledger of the largest sweep; what is more was not written here. */
    private static final int MAX_TEXT = 64 << 20;

    private LedgerMap() {}

    /** {@code <job>-run-<n>-trials}. */
    public static String nameOf(TrainingJob job, long run) {
        return StepNames.of(job.getMetadata().getName(), "-run-" + run + "-trials");
    }

    /**
     * The ConfigMap to be written.
     *
     * @param owner the TrainingJob
     * @param observed the one that is there, whose version is a precondition of the write; {@code null} where there is
     *     none
     */
    public static ConfigMap render(TrainingJob owner, long run, Ledger ledger, ConfigMap observed) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(nameOf(owner, run))
                .withNamespace(owner.getMetadata().getNamespace())
                .withLabels(TrainingRun.labelsOf(owner, run, "tatara-steps"))
                .withOwnerReferences(Owners.controller(owner))
                .withResourceVersion(
                        observed == null ? null : observed.getMetadata().getResourceVersion())
                .endMetadata()
                .addToBinaryData(FILE, Base64.getEncoder().encodeToString(fit(ledger)))
                .build();
    }

    /** The ledger in a ConfigMap; an empty one where there is none. */
    public static Ledger read(ConfigMap map) {
        if (map == null) {
            return Ledger.EMPTY;
        }
        var data = map.getBinaryData() == null ? null : map.getBinaryData().get(FILE);
        if (data == null) {
            return Ledger.DAMAGED;
        }
        try (var unzipped =
                new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(data)))) {
            return LedgerCodec.fromJson(new String(unzipped.readNBytes(MAX_TEXT), StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException e) {
            // Who may edit ConfigMaps can put anything there.
            return Ledger.DAMAGED;
        }
    }

    /** Forgets as little as must be. */
    private static byte[] fit(Ledger ledger) {
        var bounded = ledger.bounded();
        var bytes = compressed(bounded);
        for (int latest = bounded.trials().size() / 2; bytes.length > MAX_BYTES && latest > 0; latest /= 2) {
            bytes = compressed(bounded.withParametersOf(latest));
        }
        return bytes;
    }

    private static byte[] compressed(Ledger ledger) {
        var bytes = new ByteArrayOutputStream();
        try (var zipped = new GZIPOutputStream(bytes)) {
            zipped.write(LedgerCodec.toJson(ledger).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("a ledger in memory can be written", e);
        }
        return bytes.toByteArray();
    }
}

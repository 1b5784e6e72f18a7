package dev.tatara.runtime.observation;

import dev.tatara.runtime.settings.RuntimeSettings;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Who writes: names of files are made of it, so each is fit for one.
 *
 * @param bootId made up at each start, so that a pod that starts again never overwrites what it wrote before
 */
public record Identity(
        String namespace, String service, String revision, String model, String version, String pod, String bootId) {
    private static final int BOOT_ID_BYTES = 6;
    private static final int LONGEST = 120;
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("yyyy-MM-dd/HH").withZone(ZoneOffset.UTC);

    public Identity {
        namespace = clean(namespace);
        service = clean(service);
        revision = clean(revision);
        pod = clean(pod);
    }

    /** From settings; what a laptop doesn't have is called "local". */
    public static Identity of(RuntimeSettings settings, String model, String version) {
        byte[] boot = new byte[BOOT_ID_BYTES];
        new SecureRandom().nextBytes(boot);
        return new Identity(
                given(settings.namespace(), "local"),
                given(settings.service(), model),
                given(settings.revision(), "local"),
                model,
                version,
                given(settings.pod(), "local"),
                HexFormat.of().formatHex(boot));
    }

    private static String given(Optional<String> value, String otherwise) {
        return value.filter(text -> !text.isBlank()).orElse(otherwise);
    }

    /** Names of Kubernetes stay as they are; a laptop's model may be called anything. */
    private static String clean(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("^\\.+", "_");
        return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST);
    }

    /** Where a pane goes, below the store. */
    String paneKey(Instant start, long sequence) {
        return "drift/" + place() + SECOND.format(start) + "/" + file(sequence) + ".bin";
    }

    /** Where a file goes that is sorted by the hour, below the store. */
    String hourlyKey(String folder, Instant opened, long sequence, String suffix) {
        return folder + "/" + place() + HOUR.format(opened) + "/" + file(sequence) + suffix;
    }

    /** Where all pods of this service, of whichever revision, put their files below a folder. */
    String folder(String folder) {
        return folder + "/" + namespace + "/" + service;
    }

    private String place() {
        return namespace + "/" + service + "/" + revision + "/";
    }

    private String file(long sequence) {
        return pod + "-" + bootId + "-" + sequence;
    }
}
